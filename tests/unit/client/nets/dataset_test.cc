#include "client/examples/nets/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <fstream>
#include <set>
#include <string>

#include "client/examples/nets/idx.h"
#include "tests/temp_folder.h"

namespace polystep::nets {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Bytes(std::initializer_list<int> bytes) {
  return std::string(bytes.begin(), bytes.end());
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

void WriteGzip(const std::string& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

// `count` images of 1 x 2 pixels, n and 10 n, with labels n % 10.
std::string Images(int count) {
  std::string content = Bytes({0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2});
  for (int n = 0; n < count; ++n) content += Bytes({n, 10 * n});
  return content;
}
std::string Labels(int count) {
  std::string content = Bytes({0, 0, 8, 1, 0, 0, 0, count});
  for (int n = 0; n < count; ++n) content += Bytes({n % 10});
  return content;
}

class DatasetTest : public testing::Test {
 protected:
  void WriteAll() {
    Write(folder_.path() + "/train-images-idx3-ubyte", Images(20));
    WriteGzip(folder_.path() + "/train-labels-idx1-ubyte.gz", Labels(20));
    WriteGzip(folder_.path() + "/t10k-images-idx3-ubyte.gz", Images(4));
    Write(folder_.path() + "/t10k-labels-idx1-ubyte", Labels(4));
  }
  const TempFolder folder_;
};

TEST_F(DatasetTest, ReadIdx_PlainOrGzip_IsTheArray) {
  const std::string path = folder_.path() + "/a";
  const std::string content = Bytes({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6});
  for (bool gzip : {false, true}) {
    gzip ? WriteGzip(path, content) : Write(path, content);
    const absl::StatusOr<IdxArray> array = ReadIdx(path);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_THAT(array->shape, ElementsAre(2, 3));
    EXPECT_THAT(array->values, ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST_F(DatasetTest, ReadIdx_NoSuchArray_NamesTheFile) {
  const std::string path = folder_.path() + "/a";
  EXPECT_EQ(ReadIdx(path).status().code(), absl::StatusCode::kNotFound);
  for (const std::string& content :
       {std::string(), Bytes({0, 0, 8}), Bytes({1, 0, 8, 1, 0, 0, 0, 1, 5}),
        Bytes({0, 0, 13, 1, 0, 0, 0, 1, 5}), Bytes({0, 0, 8, 0}), Bytes({0, 0, 8, 1, 0, 0}),
        Bytes({0, 0, 8, 1, 0, 0, 0, 2, 5}), Bytes({0, 0, 8, 1, 255, 0, 0, 0, 5})}) {
    Write(path, content);
    const absl::Status status = ReadIdx(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
}

TEST_F(DatasetTest, Read_SplitsAndNormalises) {
  WriteAll();
  const absl::StatusOr<Dataset> dataset = Dataset::Read(folder_.path(), 5);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->pixels(), 2u);
  EXPECT_EQ(dataset->size(Split::kTraining), 15u);
  EXPECT_EQ(dataset->size(Split::kValidation), 5u);
  EXPECT_EQ(dataset->size(Split::kTest), 4u);
  // Of 0 to 19 and 0 to 190 (of 255): mean 52.25, deviation 59.2.
  EXPECT_FLOAT_EQ(dataset->mean(), 0.2049f);
  EXPECT_FLOAT_EQ(dataset->deviation(), 0.2322f);
  const Batch validation = dataset->All(Split::kValidation);
  ASSERT_EQ(validation.samples, 5u);
  ASSERT_EQ(validation.blocks.size(), 1u);
  const Block& block = validation.blocks[0];
  EXPECT_EQ(block.samples, 5u);
  for (size_t s = 0; s < 5; ++s) {
    EXPECT_EQ(block.labels[s], static_cast<int32_t>(5 + s));
    EXPECT_NEAR(
        block.inputs[kBlock + s],
        (10.0 * (15.0 + static_cast<double>(s)) / 255.0 - dataset->mean()) / dataset->deviation(),
        1e-5);
  }
  EXPECT_EQ(block.inputs[5], 0.0f);
}

TEST_F(DatasetTest, Read_WhatDoesNotFit_IsAnError) {
  WriteAll();
  EXPECT_EQ(Dataset::Read(folder_.path(), 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Dataset::Read(folder_.path(), 20).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Dataset::Read(folder_.path() + "/none").status().code(), absl::StatusCode::kNotFound);
  Write(folder_.path() + "/t10k-labels-idx1-ubyte", Labels(3));
  EXPECT_THAT(std::string(Dataset::Read(folder_.path(), 5).status().message()),
              HasSubstr("test images"));
  Write(folder_.path() + "/t10k-labels-idx1-ubyte", Bytes({0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 10}));
  EXPECT_THAT(std::string(Dataset::Read(folder_.path(), 5).status().message()),
              HasSubstr("label 10"));
}

TEST_F(DatasetTest, Draw_TakesTrainingImagesOnceEach) {
  WriteAll();
  const Dataset dataset = *Dataset::Read(folder_.path(), 5);
  std::set<int> all;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Batch batch = dataset.Draw(seed, 6);
    std::set<int> drawn;
    for (size_t s = 0; s < batch.samples; ++s) {
      const double share = batch.blocks[0].inputs[s] * dataset.deviation() + dataset.mean();
      drawn.insert(static_cast<int>(std::lround(share * 255.0)));
    }
    EXPECT_EQ(drawn.size(), 6u);
    all.insert(drawn.begin(), drawn.end());
  }
  EXPECT_EQ(all.size(), 15u);
  EXPECT_EQ(*all.rbegin(), 14);
  EXPECT_EQ(dataset.Draw(1, 1000).samples, 15u);
}

}  // namespace
}  // namespace polystep::nets
