// Every malformed spec with the field its error names.
#include "core/space/spec_validation.h"

#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/space/search_space.h"

namespace polystep {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

RealDomain Real(std::optional<double> min, std::optional<double> max, Scale scale = Scale::kLinear,
                std::optional<double> initial = {}) {
  return RealDomain{min, max, scale, initial};
}

std::vector<std::string> Choices(size_t count) {
  std::vector<std::string> choices;
  for (size_t i = 0; i < count; ++i) choices.push_back(absl::StrCat("c", i));
  return choices;
}

std::vector<double> Values(size_t count) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i);
  return values;
}

struct Case {
  const char* what;
  std::vector<ParameterSpec> parameters;
  std::vector<TensorSpec> tensors;
  const char* field;  // null: the spec is good
};

std::vector<Case> ParameterCases() {
  const int64_t limit = int64_t{1} << 53;
  return {
      {"nothing", {}, {}, "parameters"},
      {"no name", {{"", BooleanDomain{}}}, {}, "parameters[0].name"},
      {"name of 128 bytes", {{std::string(128, 'n'), BooleanDomain{}}}, {}, nullptr},
      {"name of 129 bytes", {{std::string(129, 'n'), BooleanDomain{}}}, {}, "parameters[0].name"},
      {"name not UTF-8", {{"\xff\xfe", BooleanDomain{}}}, {}, "parameters[0].name"},
      {"same name", {{"a", BooleanDomain{}}, {"a", BooleanDomain{}}}, {}, "parameters[1].name"},
      {"NaN bound", {{"x", Real(kNan, 1.0)}}, {}, "parameters[0].real.min"},
      {"infinite bound", {{"x", Real(0.0, kInfinity)}}, {}, "parameters[0].real.max"},
      {"one bound", {{"x", Real(0.0, {})}}, {}, "parameters[0].real.max"},
      {"min above max", {{"x", Real(2.0, 1.0)}}, {}, "parameters[0].real.min"},
      {"min equal to max", {{"x", Real(1.0, 1.0)}}, {}, nullptr},
      {"log of 0", {{"x", Real(0.0, 1.0, Scale::kLog)}}, {}, "parameters[0].real.min"},
      {"reverse log of -1",
       {{"x", Real(-1.0, 1.0, Scale::kReverseLog)}},
       {},
       "parameters[0].real.min"},
      {"logit to 1", {{"x", Real(0.5, 1.0, Scale::kLogit)}}, {}, "parameters[0].real.max"},
      {"log without bounds", {{"x", Real({}, {}, Scale::kLog)}}, {}, "parameters[0].real.scale"},
      {"initial outside",
       {{"x", Real(0.0, 1.0, Scale::kLinear, 2.0)}},
       {},
       "parameters[0].real.initial"},
      {"initial NaN",
       {{"x", Real({}, {}, Scale::kLinear, kNan)}},
       {},
       "parameters[0].real.initial"},
      {"integer at 2^53", {{"n", IntegerDomain{-limit, limit, Scale::kLinear, {}}}}, {}, nullptr},
      {"integer above 2^53",
       {{"n", IntegerDomain{0, limit + 1, Scale::kLinear, {}}}},
       {},
       "parameters[0].integer.max"},
      {"integer min above max",
       {{"n", IntegerDomain{3, 2, Scale::kLinear, {}}}},
       {},
       "parameters[0].integer.min"},
      {"integer log of 0",
       {{"n", IntegerDomain{0, 9, Scale::kLog, {}}}},
       {},
       "parameters[0].integer.min"},
      {"integer logit",
       {{"n", IntegerDomain{1, 9, Scale::kLogit, {}}}},
       {},
       "parameters[0].integer.scale"},
  };
}

std::vector<Case> ChoiceCases() {
  return {
      {"no values", {{"d", DiscreteDomain{}}}, {}, "parameters[0].discrete.values"},
      {"10,000 values", {{"d", DiscreteDomain{Values(10'000), {}}}}, {}, nullptr},
      {"10,001 values",
       {{"d", DiscreteDomain{Values(10'001), {}}}},
       {},
       "parameters[0].discrete.values"},
      {"values not increasing",
       {{"d", DiscreteDomain{{1.0, 1.0}, {}}}},
       {},
       "parameters[0].discrete.values[1]"},
      {"NaN value",
       {{"d", DiscreteDomain{{1.0, kNan}, {}}}},
       {},
       "parameters[0].discrete.values[1]"},
      {"initial not a value",
       {{"d", DiscreteDomain{{1.0, 2.0}, 1.5}}},
       {},
       "parameters[0].discrete.initial"},
      {"no choices", {{"c", CategoricalDomain{}}}, {}, "parameters[0].categorical.choices"},
      {"1,000 choices", {{"c", CategoricalDomain{Choices(1'000), {}}}}, {}, nullptr},
      {"1,001 choices",
       {{"c", CategoricalDomain{Choices(1'001), {}}}},
       {},
       "parameters[0].categorical.choices"},
      {"empty choice",
       {{"c", CategoricalDomain{{"a", ""}, {}}}},
       {},
       "parameters[0].categorical.choices[1]"},
      {"same choice",
       {{"c", CategoricalDomain{{"a", "a"}, {}}}},
       {},
       "parameters[0].categorical.choices[1]"},
      {"initial not a choice",
       {{"c", CategoricalDomain{{"a"}, "b"}}},
       {},
       "parameters[0].categorical.initial"},
  };
}

TensorSpec Tensor(std::vector<int64_t> shape, TensorKind kind = TensorKind::kReal,
                  std::optional<double> min = {}, std::optional<double> max = {}) {
  return TensorSpec{"t", std::move(shape), kind, min, max, {}};
}

std::vector<Case> TensorCases() {
  const int64_t most = std::numeric_limits<int64_t>::max();
  TensorSpec bad_scale = Tensor({2});
  bad_scale.initializer.scale = -1.0;
  return {
      {"no shape", {}, {Tensor({})}, "tensors[0].shape"},
      {"8 dimensions", {}, {Tensor({1, 1, 1, 1, 1, 1, 1, 2})}, nullptr},
      {"9 dimensions", {}, {Tensor({1, 1, 1, 1, 1, 1, 1, 1, 2})}, "tensors[0].shape"},
      {"dimension of 0", {}, {Tensor({3, 0})}, "tensors[0].shape[1]"},
      {"10,000,000 coordinates", {}, {Tensor({10'000'000})}, nullptr},
      {"10,000,001 coordinates", {}, {Tensor({10'000'001})}, "tensors[0].shape"},
      {"overflowing shape", {}, {Tensor({most, most, most})}, "tensors[0].shape"},
      {"one bound", {}, {Tensor({2}, TensorKind::kReal, 0.0)}, "tensors[0].max"},
      {"min above max", {}, {Tensor({2}, TensorKind::kReal, 1.0, 0.0)}, "tensors[0].min"},
      {"no float between", {}, {Tensor({2}, TensorKind::kReal, 0.1, 0.1)}, "tensors[0].min"},
      {"beyond float", {}, {Tensor({2}, TensorKind::kReal, -1e300, 1e300)}, "tensors[0].min"},
      {"integer without bounds", {}, {Tensor({2}, TensorKind::kInteger)}, "tensors[0].min"},
      {"integer with half bounds",
       {},
       {Tensor({2}, TensorKind::kInteger, 0.5, 3.0)},
       "tensors[0].min"},
      {"binary with bounds", {}, {Tensor({2}, TensorKind::kBinary, 0.0, 1.0)}, "tensors[0].min"},
      {"negative scale", {}, {bad_scale}, "tensors[0].initializer.scale"},
      {"name of a parameter", {{"t", BooleanDomain{}}}, {Tensor({2})}, "tensors[0].name"},
  };
}

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const absl::Status status = SearchSpace::Create(c.parameters, c.tensors).status();
    if (c.field == nullptr) {
      EXPECT_TRUE(status.ok()) << status;
      continue;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const auto violation = GetFieldViolation(status);
    ASSERT_TRUE(violation.has_value()) << status;
    EXPECT_EQ(violation->field, c.field) << status;
    EXPECT_FALSE(violation->description.empty());
  }
}

TEST(SpecValidation, ParameterTable_NamesTheField) { Check(ParameterCases()); }
TEST(SpecValidation, ChoiceTable_NamesTheField) { Check(ChoiceCases()); }
TEST(SpecValidation, TensorTable_NamesTheField) { Check(TensorCases()); }

TEST(SpecValidation, ParameterCount_IsBounded) {
  std::vector<ParameterSpec> parameters;
  for (int i = 0; i < kMaxParameters; ++i) {
    parameters.push_back({absl::StrCat("p", i), BooleanDomain{}});
  }
  EXPECT_TRUE(SearchSpace::Create(parameters, {}).ok());
  parameters.push_back({"one more", BooleanDomain{}});
  EXPECT_EQ(SearchSpace::Create(parameters, {}).status().message(),
            "parameters: has 4097 entries, the limit is 4096");
}

TEST(SpecValidation, Utf8_KnowsOverlongSurrogateAndTruncated) {
  EXPECT_TRUE(IsValidUtf8("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
  EXPECT_FALSE(IsValidUtf8("\xc0\x80"));          // overlong
  EXPECT_FALSE(IsValidUtf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(IsValidUtf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsValidUtf8("\xe2\x82"));          // truncated
  EXPECT_FALSE(IsValidUtf8("\x80"));              // stray continuation
}

}  // namespace
}  // namespace polystep
