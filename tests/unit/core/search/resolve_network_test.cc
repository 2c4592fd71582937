// What is chosen for tensors that look like the weights of a network.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/search/resolve.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

TEST(Resolve, Rows_NeedRealTensorsAlone) {
  OptimizerSpec rows;
  rows.method = Method::kRows;
  const auto tensors = [](TensorKind kind) {
    return std::vector<TensorSpec>{{"w", {6, 20}, kind, {}, {}, {}}};
  };
  const auto mixed = SearchSpace::Create(RealParameters(1), tensors(TensorKind::kReal));
  EXPECT_EQ(GetFieldViolation(ResolveOptimizer({rows}, *mixed).status())->field,
            "optimizer.method");
  const auto bits = SearchSpace::Create({}, tensors(TensorKind::kBinary));
  EXPECT_EQ(GetFieldViolation(ResolveOptimizer({rows}, *bits).status())->field, "optimizer.method");
  const auto space = SearchSpace::Create({}, tensors(TensorKind::kReal));
  const auto plain = ResolveOptimizer({rows}, *space);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->parallelism, 6u * 2 * *plain->frame_size);
  rows.parallelism = 1000;  // wider frames
  const auto wide = ResolveOptimizer({rows}, *space);
  ASSERT_TRUE(wide.ok()) << wide.status();
  EXPECT_GE(wide->parallelism, 1000u);
  EXPECT_EQ(*ResolveOptimizer({*wide}, *space)->frame_size, *wide->frame_size);
  rows.solver = Solver::kTopK;
  EXPECT_EQ(GetFieldViolation(ResolveOptimizer({rows}, *space).status())->field,
            "optimizer.solver");
}

TEST(Resolve, Rows_OfAShortBudget_HaveFewDirectionsAndLongSteps) {
  const auto space = SearchSpace::Create({}, {{"w", {10, 26}, TensorKind::kReal, {}, {}, {}}});
  const auto resolved = [&](int64_t steps_of_four, std::optional<uint32_t> frame_size) {
    OptimizerSpec spec;
    spec.method = Method::kRows;
    spec.frame_size = frame_size;
    return *ResolveOptimizer({.optimizer = spec, .horizon_evaluations = 80 * steps_of_four},
                             *space);
  };
  const auto first = [&](int64_t steps, std::optional<uint32_t> frame_size = std::nullopt) {
    return resolved(steps, frame_size).step_radius->initial;
  };
  EXPECT_EQ(resolved(999, std::nullopt).frame_size, 2u);
  EXPECT_EQ(resolved(1000, std::nullopt).frame_size, 4u);
  EXPECT_EQ(resolved(0, std::nullopt).frame_size, 4u) << "no end is known";
  EXPECT_DOUBLE_EQ(first(10), 4 * 0.04);
  EXPECT_DOUBLE_EQ(first(125), 2 * 0.04);
  EXPECT_DOUBLE_EQ(first(500), 0.04);
  EXPECT_DOUBLE_EQ(first(2000), 0.04);
  EXPECT_DOUBLE_EQ(first(2000, 2), 0.04);
  EXPECT_DOUBLE_EQ(first(250, 4), 2 * 0.04);
}

TEST(Resolve, WeightDecay_IsForNoisyLossesOfRandomWeights) {
  const auto decay = [](bool noisy, const std::vector<Initializer::Kind>& kinds) {
    std::vector<TensorSpec> tensors;
    for (const Initializer::Kind kind : kinds) {
      const std::string name = absl::StrCat("w", tensors.size());
      tensors.push_back({name, {10, 26}, TensorKind::kReal, {}, {}, {.kind = kind}});
    }
    const auto space = SearchSpace::Create({}, tensors);
    return *ResolveOptimizer({.optimizer = {}, .noisy = noisy}, *space)->weight_decay;
  };
  using enum Initializer::Kind;
  EXPECT_EQ(decay(true, {kNormal, kZero}), 0.02) << "biases may start at 0";
  EXPECT_EQ(decay(true, {kUniform}), 0.02);
  EXPECT_EQ(decay(false, {kNormal}), 0.0) << "the loss itself";
  EXPECT_EQ(decay(true, {kZero}), 0.0) << "nothing says that these are weights";
  EXPECT_EQ(decay(true, {kNormal, kConstant}), 0.0) << "values that were given";
}

// By the metric method: as far as another random start would be.
TEST(Resolve, FirstRadiusOfRandomWeights_IsTheirDeviation) {
  const auto radius = [](const TensorSpec& first, const TensorSpec& second) {
    const auto space = SearchSpace::Create({}, {first, second});
    return ResolveOptimizer({}, *space)->step_radius->initial;
  };
  using enum Initializer::Kind;
  TensorSpec uniform = {"u", {3, 10}, TensorKind::kReal, {}, {}, {.kind = kUniform, .scale = 3.0}};
  TensorSpec normal = {"n", {10}, TensorKind::kReal, {}, {}, {.kind = kNormal, .scale = 2.0}};
  TensorSpec zero = {"z", {10}, TensorKind::kReal, {}, {}, {}};
  EXPECT_DOUBLE_EQ(radius(uniform, normal), std::sqrt((30.0 * 3.0 + 10.0 * 4.0) / 40.0));
  EXPECT_DOUBLE_EQ(radius(normal, zero), 2.0);
  TensorSpec given = {"g", {10}, TensorKind::kReal, {}, {}, {}};
  const double plain = radius(zero, given);
  EXPECT_DOUBLE_EQ(plain, 0.3 * std::sqrt(0.5));
  given.initializer.kind = kConstant;
  EXPECT_DOUBLE_EQ(radius(normal, given), plain) << "values that were given say where to look";
  normal.min = -1.0;
  normal.max = 1.0;
  EXPECT_LT(radius(normal, zero), 1.0) << "bounds are a measure of their own";
}

TEST(Resolve, WeightDecay_OutOfItsRange_IsRefused) {
  const auto space = SearchSpace::Create({}, {{"w", {10, 26}, TensorKind::kReal, {}, {}, {}}});
  OptimizerSpec spec;
  const auto field = [&] {
    const auto violation = GetFieldViolation(ResolveOptimizer({spec}, *space).status());
    return violation ? violation->field : std::string();
  };
  spec.weight_decay = -0.1;
  EXPECT_EQ(field(), "optimizer.weight_decay");
  spec.weight_decay = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(field(), "optimizer.weight_decay");
  spec.step_radius = Schedule{};
  spec.step_radius->initial = 0.5;
  spec.weight_decay = 2.0;  // a step would leave nothing
  EXPECT_EQ(field(), "optimizer.weight_decay");
  spec.weight_decay = 1.9;
  EXPECT_EQ(field(), "");
  spec.method = Method::kBlock;
  EXPECT_EQ(field(), "optimizer.weight_decay") << "is of POLYSTEP_ROWS";
}

}  // namespace
}  // namespace polystep
