// Values, losses and arrays as text and files.
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include "client/cli/child_process.h"
#include "client/cli/loss_text.h"
#include "client/cli/npy.h"
#include "client/cli/value_text.h"
#include "gtest/gtest.h"
#include "tests/temp_folder.h"

namespace polystep::cli {
namespace {

TEST(DoubleText, AnyValue_ReadsBackToTheSameBits) {
  EXPECT_EQ(DoubleText(0.1), "0.1");
  EXPECT_EQ(DoubleText(1.0), "1");
  EXPECT_EQ(DoubleText(-0.0), "-0");
  EXPECT_EQ(DoubleText(1e22), "1e+22");
  for (double value : {0.1 + 0.2, 1.0 / 3.0, 5e-324, std::numeric_limits<double>::max()}) {
    EXPECT_EQ(std::strtod(DoubleText(value).c_str(), nullptr), value);
  }
}

TEST(FillIn, KnownNames_AreReplacedOnce) {
  std::vector<client::Parameter> parameters = {
      {"x", 0.5}, {"xy", int64_t{-3}}, {"on", true}, {"kind", std::string("{x}")}};
  EXPECT_EQ(FillIn("{x} {xy} {on} {kind}", parameters), "0.5 -3 true {x}");
  EXPECT_EQ(FillIn("BEGIN{print {x}*2}", parameters), "BEGIN{print 0.5*2}");
  EXPECT_EQ(FillIn("{{x}} {unknown} { x } {x", parameters), "{0.5} {unknown} { x } {x");
  EXPECT_EQ(FillIn("", parameters), "");
}

TEST(ParametersJson, EveryType_KeepsItsOwn) {
  EXPECT_EQ(
      ParametersJson({{"r", 1.0}, {"i", int64_t{1}}, {"b", false}, {"s", std::string("\"\n")}}),
      R"({"r":1.0,"i":1,"b":false,"s":"\"\n"})");
  EXPECT_EQ(ParametersJson({}), "{}");
}

TEST(LossOfLine, Table) {
  struct Case {
    const char* line;
    std::optional<double> loss;
  };
  double infinity = std::numeric_limits<double>::infinity();
  const Case cases[] = {{"1", 1.0},
                        {"-2.5e-3", -2.5e-3},
                        {"+4", 4.0},
                        {"  7\t\r", 7.0},
                        {"inf", infinity},
                        {"-Infinity", -infinity},
                        {"1e999", infinity},
                        {"", {}},
                        {"loss 1", {}},
                        {"1 2", {}},
                        {"1,5", {}},
                        {"true", {}},
                        {"{\"loss\": 2}", 2.0},
                        {"{\"loss\": 2.5, \"time\": 1}", 2.5},
                        {"{\"loss\": \"2\"}", {}},
                        {"{\"loss\": null}", {}},
                        {"{\"Loss\": 2}", {}},
                        {"[1]", {}},
                        {"{\"loss\": 2", {}},
                        {"{", {}}};
  for (const Case& test : cases) {
    std::optional<PrintedLoss> printed = LossOfLine(test.line);
    ASSERT_EQ(printed.has_value(), test.loss.has_value()) << test.line;
    EXPECT_EQ(printed.value_or(PrintedLoss{}), PrintedLoss{test.loss.value_or(0.0)}) << test.line;
  }
  EXPECT_NE(LossOfLine("nan"), std::nullopt);
}

TEST(LossOfLine, Violation_IsANumberOfAtLeastZero) {
  EXPECT_EQ(LossOfLine("{\"loss\": 2, \"violation\": 0.5}"), (PrintedLoss{2.0, 0.5}));
  EXPECT_EQ(LossOfLine("{\"violation\": 0, \"loss\": 2}"), (PrintedLoss{2.0, 0.0}));
  for (const char* line :
       {"{\"loss\": 2, \"violation\": -1}", "{\"violation\": 1}",
        "{\"loss\": 2, \"violation\": null}", "{\"loss\": 2, \"violation\": 1e999}"}) {
    EXPECT_EQ(LossOfLine(line), std::nullopt) << line;
  }
}

TEST(LastLoss, LinesAroundIt_AreIgnored) {
  EXPECT_EQ(LastLoss("1\n2\ndone in 3 s\n"), PrintedLoss{2.0});
  EXPECT_EQ(LastLoss("1\n2"), PrintedLoss{2.0});
  EXPECT_EQ(LastLoss("{\"loss\": 5}\nbye\n\n"), PrintedLoss{5.0});
  EXPECT_EQ(LastLoss("nothing\nhere"), std::nullopt);
  EXPECT_EQ(LastLoss(""), std::nullopt);
}

TEST(TailWindow, MoreThanItHolds_KeepsTheEnd) {
  TailWindow window(10);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    std::string piece(static_cast<size_t>(i % 7), static_cast<char>('a' + i % 26));
    window.Append(piece);
    all += piece;
    EXPECT_TRUE(all.ends_with(window.View()));
    EXPECT_GE(window.View().size(), std::min<size_t>(all.size(), 10));
    EXPECT_LT(window.View().size(), 20u);
  }
  window.Append(std::string(1000, 'z') + "0123456789");
  EXPECT_TRUE(std::string(window.View()).ends_with("0123456789"));
  EXPECT_LT(window.View().size(), 20u);
}

TEST(NpyHeader, AnyShape_IsAlignedAndDescribesIt) {
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{}, {5}, {2, 3}, {1, 2, 3, 4, 5, 6, 7, 8}}) {
    std::string header = NpyHeader(shape);
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    EXPECT_EQ(static_cast<uint8_t>(header[8]) + 256u * static_cast<uint8_t>(header[9]),
              header.size() - 10);
    EXPECT_EQ(header.back(), '\n');
  }
  EXPECT_NE(NpyHeader({5}).find("'shape': (5,), }"), std::string::npos);
  EXPECT_NE(NpyHeader({2, 3}).find("'shape': (2, 3), }"), std::string::npos);
}

TEST(ReadNpy, WrittenArrays_ComeBack) {
  TempFolder folder;
  const client::Tensor written{"w", {2, 3}, {1, -2, 3.5F, 0, 1e-30F, 7}};
  ASSERT_TRUE(WriteNpy(folder.path(), written).ok());
  absl::StatusOr<client::Tensor> read = ReadNpy(folder.path() + "/w.npy");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->shape, written.shape);
  EXPECT_EQ(read->values, written.values);
}

TEST(ReadNpy, OtherFiles_AreRefusedByName) {
  TempFolder folder;
  const std::string path = folder.path() + "/x.npy";
  const std::string good = NpyHeader({2}) + std::string(8, 'v');
  std::string doubles = good, fortran = good, empty = good, huge = good;
  doubles.replace(doubles.find("<f4"), 3, "<f8");
  fortran.replace(fortran.find("False"), 5, "True ");
  empty.replace(empty.find("(2,"), 3, "(0,");
  huge.replace(huge.find("(2,), }"), 16, "(999999999,), } ");
  for (const std::string& bytes : {std::string(), good.substr(0, 9), good.substr(0, 50), doubles,
                                   fortran, empty, huge, good.substr(0, good.size() - 1)}) {
    std::ofstream(path, std::ios::binary) << bytes;
    absl::StatusOr<client::Tensor> read = ReadNpy(path);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(read.status().message().find(path), 0u) << read.status();
  }
  EXPECT_FALSE(ReadNpy(folder.path() + "/absent.npy").ok());
}

TEST(NpyName, DifferentTensors_HaveDifferentSafeNames) {
  EXPECT_EQ(NpyName("w1.bias-2"), "w1.bias-2.npy");
  EXPECT_EQ(NpyName("a/b"), "a%2fb.npy");
  EXPECT_EQ(NpyName("a%2fb"), "a%252fb.npy");
  EXPECT_EQ(NpyName(".."), "%2e..npy");
}

}  // namespace
}  // namespace polystep::cli
