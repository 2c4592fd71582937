#include "client/examples/nets/dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/examples/nets/for_each.h"
#include "client/examples/nets/idx.h"
#include "core/random/permutation.h"

namespace polystep::nets {
namespace {

// The first of PATH and PATH.gz that is there.
absl::StatusOr<IdxArray> ReadEither(const std::string& path) {
  absl::StatusOr<IdxArray> plain = ReadIdx(path);
  return absl::IsNotFound(plain.status()) ? ReadIdx(path + ".gz") : plain;
}

absl::StatusOr<LabelledImages> ReadPart(const std::string& prefix) {
  absl::StatusOr<IdxArray> images = ReadEither(prefix + "-images-idx3-ubyte");
  if (!images.ok()) return images.status();
  absl::StatusOr<IdxArray> labels = ReadEither(prefix + "-labels-idx1-ubyte");
  if (!labels.ok()) return labels.status();
  if (images->shape.size() != 3 || labels->shape.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(prefix, ": images have 3 axes, labels 1"));
  }
  return LabelledImages{size_t{images->shape[1]} * images->shape[2], std::move(images->values),
                        std::move(labels->values)};
}

absl::Status Check(const LabelledImages& part, const char* name) {
  if (part.pixels == 0 || part.labels.empty() ||
      part.images.size() != part.pixels * part.labels.size()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": as many images as labels are needed"));
  }
  const uint8_t highest = *std::max_element(part.labels.begin(), part.labels.end());
  if (highest >= kClasses) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": label ", highest, " of 0 to 9"));
  }
  return absl::OkStatus();
}

// The samples at places(0), places(1), ...
template <typename Places>
Batch Gather(const LabelledImages& part, size_t count, const std::array<float, 256>& value,
             int threads, const Places& places) {
  Batch batch{.samples = count, .blocks = {}};
  batch.blocks.resize((count + kBlock - 1) / kBlock);
  ForEach(batch.blocks.size(), threads, [&](size_t b) {
    Block& block = batch.blocks[b];
    block.samples = std::min(kBlock, count - b * kBlock);
    block.inputs.assign(part.pixels * kBlock, 0.0f);
    std::array<const uint8_t*, kBlock> images{};
    for (size_t s = 0; s < block.samples; ++s) {
      const size_t place = places(b * kBlock + s);
      block.labels[s] = part.labels[place];
      images[s] = part.images.data() + place * part.pixels;
    }
    for (size_t i = 0; i < part.pixels; ++i) {
      float* inputs = block.inputs.data() + i * kBlock;
      for (size_t s = 0; s < block.samples; ++s) inputs[s] = value[images[s][i]];
    }
  });
  return batch;
}

std::array<float, 256> Normalised(float mean, float deviation) {
  std::array<float, 256> value{};
  for (size_t byte = 0; byte < value.size(); ++byte) {
    value[byte] = (static_cast<float>(byte) / 255.0f - mean) / deviation;
  }
  return value;
}

}  // namespace

absl::StatusOr<Dataset> Dataset::Read(const std::string& folder, size_t validation) {
  absl::StatusOr<LabelledImages> training = ReadPart(folder + "/train");
  if (!training.ok()) return training.status();
  absl::StatusOr<LabelledImages> test = ReadPart(folder + "/t10k");
  if (!test.ok()) return test.status();
  return Of(*std::move(training), *std::move(test), validation);
}

absl::StatusOr<Dataset> Dataset::Of(LabelledImages training, LabelledImages test,
                                    size_t validation) {
  if (absl::Status status = Check(training, "training images"); !status.ok()) return status;
  if (absl::Status status = Check(test, "test images"); !status.ok()) return status;
  if (training.pixels != test.pixels) {
    return absl::InvalidArgumentError("training and test images differ in size");
  }
  if (validation == 0 || validation >= training.labels.size()) {
    return absl::InvalidArgumentError(absl::StrCat(training.labels.size(), " training images, ",
                                                   validation, " of them for validation"));
  }
  Dataset dataset;
  dataset.training_ = std::move(training);
  dataset.test_ = std::move(test);
  dataset.validation_ = validation;
  dataset.SetNormalisation();
  return dataset;
}

void Dataset::SetNormalisation() {
  std::array<uint64_t, 256> counts{};
  for (uint8_t pixel : training_.images) ++counts[pixel];
  double sum = 0.0, squares = 0.0;
  for (size_t byte = 0; byte < counts.size(); ++byte) {
    const double value = static_cast<double>(byte) / 255.0;
    sum += value * static_cast<double>(counts[byte]);
    squares += value * value * static_cast<double>(counts[byte]);
  }
  const double pixels = static_cast<double>(training_.images.size());
  const double mean = sum / pixels;
  const double deviation = std::sqrt(std::max(0.0, squares / pixels - mean * mean));
  mean_ = static_cast<float>(std::round(mean * 1e4) / 1e4);
  deviation_ = static_cast<float>(std::max(1.0, std::round(deviation * 1e4)) / 1e4);
}

uint64_t Dataset::fingerprint() const {
  uint64_t hash = 14695981039346656037u;  // FNV-1a, over bytes
  const auto add = [&hash](const std::vector<uint8_t>& bytes) {
    for (uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211u;
    hash ^= hash >> 32;
  };
  for (const LabelledImages* part : {&training_, &test_}) {
    add(part->images);
    add(part->labels);
  }
  return hash + validation_;
}

size_t Dataset::size(Split split) const {
  switch (split) {
    case Split::kTraining:
      return training_.labels.size() - validation_;
    case Split::kValidation:
      return validation_;
    case Split::kTest:
      return test_.labels.size();
  }
  return 0;
}

Batch Dataset::Draw(uint64_t seed, size_t count, int threads) const {
  const size_t all = size(Split::kTraining);
  const Permutation order(all, RandomStream(seed, 0, 0, polystep::Draw::kPermutation));
  return Gather(training_, std::min(count, all), Normalised(mean_, deviation_), threads,
                [&](size_t n) { return order(n); });
}

Batch Dataset::All(Split split, int threads) const {
  const size_t first = split == Split::kValidation ? size(Split::kTraining) : 0;
  return Gather(Source(split), size(split), Normalised(mean_, deviation_), threads,
                [&](size_t n) { return first + n; });
}

}  // namespace polystep::nets
