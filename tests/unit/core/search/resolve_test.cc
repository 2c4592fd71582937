#include "core/search/resolve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/field_error.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

SearchSpace Space(int dimension) { return *SearchSpace::Create(RealParameters(dimension), {}); }

absl::StatusOr<OptimizerSpec> Resolve(OptimizerSpec optimizer, int dimension,
                                      int64_t horizon_evaluations = 0) {
  return ResolveOptimizer({optimizer, 1, horizon_evaluations, 0}, Space(dimension));
}

TEST(Resolve, Automatic_IsTheMetricAndSaysEverything) {
  const auto spec = Resolve({}, 10);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->method, Method::kMetric);
  EXPECT_EQ(spec->polytope, Polytope::kOrthoplex);
  EXPECT_EQ(spec->frame_size, 5u);
  EXPECT_EQ(spec->parallelism, 1u);  // proposals of the surrogate are steps of one
  EXPECT_TRUE(spec->epsilon && spec->step_radius && spec->restarts);
}

TEST(Resolve, Parallelism_IsRoundedUpToWholeFrames) {
  OptimizerSpec optimizer;
  optimizer.parallelism = 11;
  EXPECT_EQ(Resolve(optimizer, 10)->parallelism, 20u);
}

TEST(Resolve, ResolvedSpec_StaysAsItIs) {
  for (Method method : {Method::kAutomatic, Method::kMetric, Method::kBlock, Method::kPopulation}) {
    OptimizerSpec optimizer;
    optimizer.method = method;
    optimizer.parallelism = 33;
    const auto once = Resolve(optimizer, 30, 100'000);
    ASSERT_TRUE(once.ok()) << once.status();
    const auto twice = Resolve(*once, 30, 5);  // the horizon is not looked at again
    ASSERT_TRUE(twice.ok()) << twice.status();
    EXPECT_EQ(twice->parallelism, once->parallelism);
    EXPECT_EQ(twice->frame_size, once->frame_size);
    EXPECT_EQ(twice->particles, once->particles);
    EXPECT_EQ(twice->probes, once->probes);
    EXPECT_EQ(twice->step_radius, once->step_radius);
    EXPECT_EQ(twice->epsilon, once->epsilon);
  }
}

TEST(Resolve, Horizon_DecaysTheRadiusOverTheStudysSteps) {
  OptimizerSpec optimizer;
  optimizer.method = Method::kBlock;
  const auto with = Resolve(optimizer, 10, 2'000);
  ASSERT_TRUE(with.ok());
  EXPECT_EQ(with->step_radius->kind, Schedule::Kind::kCosine);
  EXPECT_EQ(with->step_radius->total_steps, 100);  // 20 evaluations a step
  const auto without = Resolve(optimizer, 10);
  EXPECT_EQ(without->step_radius->kind, Schedule::Kind::kConstant);
}

SearchSpace Bits(int64_t count) {
  return *SearchSpace::Create({}, {{"b", {count}, TensorKind::kBinary, {}, {}, {}}});
}

TEST(Resolve, BitsAlone_AreFlipped) {
  const auto spec = ResolveOptimizer({{}, 1, 1'000'000, 0}, Bits(1'000));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->method, Method::kFlip);
  EXPECT_EQ(spec->parallelism, 64u);  // 63 flips and the center
  // Cycles of 1 + 4 + 16 + 64 times the first, which fill the 15,625 steps.
  EXPECT_EQ(spec->epsilon->total_steps, 183);
  const auto again = ResolveOptimizer({*spec, 1, 0, 0}, Bits(1'000));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->parallelism, 64u);
  EXPECT_EQ(again->epsilon, spec->epsilon);
  const auto endless = ResolveOptimizer({{}, 1, 0, 0}, Bits(1'000));
  EXPECT_EQ(endless->epsilon->total_steps, 63);  // four sweeps
  OptimizerSpec wide;
  wide.parallelism = 1'001;
  EXPECT_EQ(ResolveOptimizer({wide, 1, 0, 0}, Bits(1'000))->parallelism, 1'001u);
  wide.parallelism = 1'002;
  EXPECT_EQ(ResolveOptimizer({wide, 1, 0, 0}, Bits(1'000))->method, Method::kMetric);
  wide.method = Method::kFlip;
  EXPECT_EQ(GetFieldViolation(ResolveOptimizer({wide, 1, 0, 0}, Bits(1'000)).status())->field,
            "optimizer.parallelism");
}

struct BadCase {
  const char* field;
  OptimizerSpec optimizer;
};

OptimizerSpec With(Method method, const std::function<void(OptimizerSpec&)>& change) {
  OptimizerSpec spec;
  spec.method = method;
  change(spec);
  return spec;
}

Schedule Radius(double initial) {
  Schedule schedule;
  schedule.initial = initial;
  return schedule;
}

TEST(Resolve, BadFields_AreNamed) {
  const std::vector<BadCase> cases = {
      {"optimizer.particle_dim", With(Method::kBlock, [](auto& s) { s.particle_dim = 17; })},
      {"optimizer.particle_dim", With(Method::kBlock, [](auto& s) { s.particle_dim = 0; })},
      {"optimizer.particles", With(Method::kPopulation, [](auto& s) { s.particles = 0; })},
      {"optimizer.frame_size", With(Method::kMetric, [](auto& s) { s.frame_size = 11; })},
      {"optimizer.probes", With(Method::kBlock, [](auto& s) { s.probes = 0; })},
      {"optimizer.particles", With(Method::kMetric, [](auto& s) { s.particles = 2; })},
      {"optimizer.frame_size", With(Method::kBlock, [](auto& s) { s.frame_size = 2; })},
      {"optimizer.polytope", With(Method::kMetric, [](auto& s) { s.polytope = Polytope::kCube; })},
      {"optimizer.epsilon.initial", With(Method::kBlock, [](auto& s) { s.epsilon = Radius(0.0); })},
      {"optimizer.step_radius.initial",
       With(Method::kBlock, [](auto& s) { s.step_radius = Radius(std::nan("")); })},
      {"optimizer.probe_radius.initial",
       With(Method::kBlock, [](auto& s) { s.probe_radius = Radius(-1.0); })},
      {"optimizer.method", With(Method::kFlip, [](auto&) {})},
      {"optimizer.step_radius", With(Method::kFlip, [](auto& s) { s.step_radius = Radius(1.0); })},
      {"optimizer.loss_scale_constant",
       With(Method::kBlock, [](auto& s) { s.loss_scale_constant = 0.0; })},
      {"optimizer.parallelism",
       With(Method::kMetric, [](auto& s) { s.parallelism = 0xffffffffu; })},
      {"optimizer.parallelism", With(Method::kBlock, [](auto& s) { s.parallelism = 100'000; })},
  };
  for (const BadCase& bad : cases) {
    const absl::Status status = Resolve(bad.optimizer, 10).status();
    ASSERT_TRUE(GetFieldViolation(status).has_value()) << bad.field << " " << status;
    EXPECT_EQ(GetFieldViolation(status)->field, bad.field) << status;
  }
}

TEST(Resolve, PopulationOfLargeSpace_IsRefused) {
  OptimizerSpec optimizer;
  optimizer.method = Method::kPopulation;
  EXPECT_TRUE(Resolve(optimizer, 512).ok());
  EXPECT_EQ(GetFieldViolation(Resolve(optimizer, 513).status())->field, "optimizer.method");
}

}  // namespace
}  // namespace polystep
