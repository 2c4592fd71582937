#include "core/search/resolve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/field_error.h"
#include "tests/unit/core/search/compositions.h"
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

TEST(Resolve, RealTensorsOfManyNumbers_GetRows) {
  const auto method = [](std::vector<int64_t> shape, TensorKind kind) {
    const auto space = SearchSpace::Create({}, {{"w", std::move(shape), kind, {}, {}, {}}});
    return ResolveOptimizer({}, *space)->method;
  };
  EXPECT_EQ(method({10, 26}, TensorKind::kReal), Method::kRows);
  EXPECT_EQ(method({10, 25}, TensorKind::kReal), Method::kMetric) << "few numbers";
  EXPECT_EQ(method({300}, TensorKind::kReal), Method::kMetric) << "no rows";
  EXPECT_EQ(method({1, 300}, TensorKind::kReal), Method::kMetric) << "one row";
  EXPECT_EQ(method({10, 26}, TensorKind::kBinary), Method::kFlip);
}

TEST(Resolve, Composition_IsResolvedAndStaysAsItIs) {
  for (const Composition& composition : Compositions()) {
    SCOPED_TRACE(composition.name);
    const auto space = SearchSpace::Create(composition.spec.parameters, composition.spec.tensors);
    const auto once = ResolveOptimizer({composition.spec.optimizer}, *space);
    ASSERT_TRUE(once.ok()) << once.status();
    if (once->method != Method::kMetric && once->method != Method::kRows) {
      EXPECT_TRUE(once->solver && once->coast_steps && once->radius_control);
    }
    const auto twice = ResolveOptimizer({*once}, *space);
    ASSERT_TRUE(twice.ok()) << twice.status();
    EXPECT_EQ(twice->solver, once->solver);
    EXPECT_EQ(twice->top_k, once->top_k);
    EXPECT_EQ(twice->kl_penalty, once->kl_penalty);
    EXPECT_EQ(twice->momentum, once->momentum);
    EXPECT_EQ(twice->coast_steps, once->coast_steps);
    EXPECT_EQ(twice->radius_control, once->radius_control);
    EXPECT_EQ(twice->quadratic_model, once->quadratic_model);
    EXPECT_EQ(twice->biased_rotation, once->biased_rotation);
    EXPECT_EQ(twice->subspace, once->subspace);
    EXPECT_EQ(twice->epsilon, once->epsilon);
    EXPECT_EQ(twice->parallelism, once->parallelism);
  }
}

TEST(Resolve, Subspace_HasItsDefaultsAndItsStepSize) {
  const auto space = SearchSpace::Create({}, {{"w", {128, 784}, TensorKind::kReal, {}, {}, {}},
                                              {"b", {128}, TensorKind::kReal, {}, {}, {}},
                                              {"v", {10, 128}, TensorKind::kReal, {}, {}, {}},
                                              {"c", {10}, TensorKind::kReal, {}, {}, {}}});
  OptimizerSpec optimizer;
  optimizer.method = Method::kBlock;
  optimizer.particle_dim = 8;
  optimizer.subspace.emplace();
  const auto spec = ResolveOptimizer({optimizer}, *space);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->subspace, (SubspaceSpec{4, {}, 20}));
  EXPECT_EQ(spec->parallelism, 8688u);  // the reference's network of spiking neurons
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

TEST(Resolve, UselessOrAmbiguousSolvers_AreNamed) {
  const auto block = [](const std::function<void(OptimizerSpec&)>& change) {
    return With(Method::kBlock, change);
  };
  const auto population = [](const std::function<void(OptimizerSpec&)>& change) {
    return With(Method::kPopulation, change);
  };
  const std::vector<BadCase> cases = {
      {"optimizer.solver", population([](auto& s) { s.solver = Solver::kSinkhorn; })},
      {"optimizer.solver", population([](auto& s) { s.solver = Solver::kKlSoftmax; })},
      {"optimizer.solver", block([](auto& s) {
         s.solver = Solver::kSinkhorn;
         s.particle_dim = 10;
       })},
      {"optimizer.solver", population([](auto& s) {
         s.solver = Solver::kSinkhorn;
         s.particles = 6'554;  // of 20 vertices
       })},
      {"optimizer.solver", block([](auto& s) { s.solver = static_cast<Solver>(4); })},
      {"optimizer.top_k", block([](auto& s) { s.top_k = 2; })},
      {"optimizer.top_k", block([](auto& s) {
         s.solver = Solver::kTopK;
         s.top_k = 4;
       })},
      {"optimizer.top_k", block([](auto& s) {
         s.solver = Solver::kTopK;
         s.top_k = 0;
       })},
      {"optimizer.epsilon", block([](auto& s) {
         s.solver = Solver::kTopK;
         s.epsilon = Radius(1.0);
       })},
      {"optimizer.kl_penalty", block([](auto& s) { s.kl_penalty = 1.0; })},
      {"optimizer.kl_penalty", block([](auto& s) {
         s.solver = Solver::kKlSoftmax;
         s.kl_penalty = 0.0;
       })},
  };
  for (const BadCase& bad : cases) {
    const absl::Status status = Resolve(bad.optimizer, 10).status();
    ASSERT_TRUE(GetFieldViolation(status).has_value()) << bad.field << " " << status;
    EXPECT_EQ(GetFieldViolation(status)->field, bad.field) << status;
  }
}

TEST(Resolve, UselessOrAmbiguousControls_AreNamed) {
  const auto block = [](const std::function<void(OptimizerSpec&)>& change) {
    return With(Method::kBlock, change);
  };
  const auto population = [](const std::function<void(OptimizerSpec&)>& change) {
    return With(Method::kPopulation, change);
  };
  const std::vector<BadCase> cases = {
      {"optimizer.momentum.initial", block([](auto& s) { s.momentum = Radius(1.0); })},
      {"optimizer.momentum.initial", block([](auto& s) { s.momentum = Radius(-0.1); })},
      {"optimizer.momentum.total_steps", block([](auto& s) {
         s.momentum = Radius(0.5);
         s.momentum->kind = Schedule::Kind::kRamp;
         s.momentum->target = 0.9;
       })},
      {"optimizer.coast_steps", block([](auto& s) { s.coast_steps = 0; })},
      {"optimizer.coast_steps", block([](auto& s) { s.coast_steps = 101; })},
      {"optimizer.coast_steps", block([](auto& s) {
         s.coast_steps = 2;
         s.quadratic_model = true;
       })},
      {"optimizer.radius_control",
       block([](auto& s) { s.radius_control = RadiusControl::kTrustRegion; })},
      {"optimizer.radius_control",
       population([](auto& s) { s.radius_control = RadiusControl::kTrustRegion; })},
      {"optimizer.biased_rotation", block([](auto& s) {
         s.biased_rotation = true;
         s.particle_dim = 1;
       })},
      {"optimizer.quadratic_model", population([](auto& s) { s.quadratic_model = true; })},
      {"optimizer.biased_rotation", population([](auto& s) { s.biased_rotation = true; })},
      {"optimizer.subspace", population([](auto& s) { s.subspace.emplace(); })},
      {"optimizer.subspace", block([](auto& s) { s.subspace.emplace(); })},
      {"optimizer.solver", With(Method::kMetric, [](auto& s) { s.solver = Solver::kSoftmax; })},
      {"optimizer.momentum", With(Method::kMetric, [](auto& s) { s.momentum = Radius(0.5); })},
  };
  for (const BadCase& bad : cases) {
    const absl::Status status = Resolve(bad.optimizer, 10).status();
    ASSERT_TRUE(GetFieldViolation(status).has_value()) << bad.field << " " << status;
    EXPECT_EQ(GetFieldViolation(status)->field, bad.field) << status;
  }
}

TEST(Resolve, TrustRegionOfNoisyStudy_IsRefused) {
  OptimizerSpec optimizer;
  optimizer.method = Method::kBlock;
  optimizer.quadratic_model = true;
  optimizer.radius_control = RadiusControl::kTrustRegion;
  EXPECT_TRUE(ResolveOptimizer({optimizer, 1, 0, 0, false}, Space(4)).ok());
  const absl::Status status = ResolveOptimizer({optimizer, 1, 0, 0, true}, Space(4)).status();
  EXPECT_EQ(GetFieldViolation(status)->field, "optimizer.radius_control");
}

TEST(Resolve, SubspaceThatCannotBe_IsNamed) {
  const auto resolve = [](TensorKind kind, std::vector<int64_t> shape, SubspaceSpec subspace) {
    const TensorSpec tensor{"w", std::move(shape), kind, -4.0, 4.0, {}};
    OptimizerSpec optimizer;
    optimizer.method = Method::kBlock;
    optimizer.subspace = subspace;
    const auto space = SearchSpace::Create({}, {tensor});
    EXPECT_TRUE(space.ok()) << space.status();
    const auto violation = GetFieldViolation(ResolveOptimizer({optimizer}, *space).status());
    return violation ? violation->field : "";
  };
  EXPECT_EQ(resolve(TensorKind::kReal, {4, 4}, {}), "");
  EXPECT_EQ(resolve(TensorKind::kInteger, {4, 4}, {}), "optimizer.subspace");
  EXPECT_EQ(resolve(TensorKind::kReal, {16}, {}), "optimizer.subspace");
  EXPECT_EQ(resolve(TensorKind::kReal, {4, 4}, {0, {}, {}}), "optimizer.subspace.rank");
  EXPECT_EQ(resolve(TensorKind::kReal, {4, 4}, {1025, {}, {}}), "optimizer.subspace.rank");
  EXPECT_EQ(resolve(TensorKind::kReal, {4, 4}, {4, 0, {}}), "optimizer.subspace.max_dimension");
  EXPECT_EQ(resolve(TensorKind::kReal, {4, 4}, {4, 1, {}}), "");
}

TEST(Resolve, PopulationOfLargeSpace_IsRefused) {
  OptimizerSpec optimizer;
  optimizer.method = Method::kPopulation;
  EXPECT_TRUE(Resolve(optimizer, 512).ok());
  EXPECT_EQ(GetFieldViolation(Resolve(optimizer, 513).status())->field, "optimizer.method");
}

}  // namespace
}  // namespace polystep
