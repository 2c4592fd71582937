// What holds for every preset and composition: which changes of the losses change nothing, and that
// the step's record says what the step did.
#include <gtest/gtest.h>

#include <cmath>

#include "core/random/random_stream.h"
#include "core/search/search.h"
#include "tests/unit/core/search/compositions.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

// Candidates of the first `steps` steps, one after the other.
std::vector<double> CandidatesOf(const SearchSpec& spec, const Simulator& simulator, int steps) {
  auto search = Search::Create(spec);
  EXPECT_TRUE(search.ok()) << search.status();
  std::vector<double> candidates;
  for (int n = 0; n < steps; ++n) {
    const uint32_t count = search->Open(1'000'000).count;
    const size_t size = candidates.size();
    candidates.resize(size + count * static_cast<size_t>(search->space()->dimension()));
    search->Candidates(0, count, absl::MakeSpan(candidates).subspan(size));
    CloseWith(*search, simulator);
  }
  return candidates;
}

// A sphere in multiples of 2^-10, some answers missing or infeasible by their candidate.
Answer Coarse(const Point& point) {
  const double loss = std::floor(1024.0 * Sphere(1.3)(point, 0).loss) / 1024.0;
  const auto digit = static_cast<int64_t>(loss * 512.0) % 17;
  if (digit == 3) return {0.0, Outcome::kMissing};
  if (digit == 7) return {0.0, Outcome::kInfeasible};
  return {loss};
}

Simulator With(double (*change)(double)) {
  return [change](const Point& point, uint64_t) {
    Answer answer = Coarse(point);
    answer.loss = change(answer.loss);
    return answer;
  };
}

double Same(double loss) { return loss; }

class EveryComposition : public testing::TestWithParam<Composition> {};

TEST_P(EveryComposition, LossesTimesPowersOfTwo_SameBits) {
  const SearchSpec& spec = GetParam().spec;
  const std::vector<double> expected = CandidatesOf(spec, With(Same), 25);
  EXPECT_EQ(CandidatesOf(spec, With([](double loss) { return std::ldexp(loss, 40); }), 25),
            expected);
  EXPECT_EQ(CandidatesOf(spec, With([](double loss) { return std::ldexp(loss, -9); }), 25),
            expected);
}

TEST_P(EveryComposition, ConstantAdded_SameCandidatesForTenSteps) {
  if (!GetParam().offset_free) GTEST_SKIP() << "the adaptive radius compares losses relatively";
  const SearchSpec& spec = GetParam().spec;
  const std::vector<double> expected = CandidatesOf(spec, With(Same), 10);
  const std::vector<double> actual =
      CandidatesOf(spec, With([](double loss) { return loss + 4096.0; }), 10);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t n = 0; n < actual.size(); ++n) EXPECT_NEAR(actual[n], expected[n], 1e-9);
}

TEST_P(EveryComposition, ExponentialOfLossesUnderRanks_SameBits) {
  if (!GetParam().rank_only) GTEST_SKIP() << "looks at more than ranks";
  const SearchSpec& spec = GetParam().spec;
  EXPECT_EQ(CandidatesOf(spec, With([](double loss) { return std::exp(loss); }), 25),
            CandidatesOf(spec, With(Same), 25));
}

TEST_P(EveryComposition, Sphere_IsDescended) {
  auto search = Search::Create(GetParam().spec);
  ASSERT_TRUE(search.ok()) << search.status();
  const double before = Sphere(1.3)(search->space()->Decode(search->center()), 0).loss;
  for (int n = 0; n < 60; ++n) CloseWith(*search, Sphere(1.3));
  EXPECT_LT(Sphere(1.3)(search->space()->Decode(search->center()), 0).loss, 0.9 * before);
}

TEST_P(EveryComposition, NothingAnswered_HoldsTheCenter) {
  auto search = Search::Create(GetParam().spec);
  ASSERT_TRUE(search.ok()) << search.status();
  for (int n = 0; n < 3; ++n) CloseWith(*search, Sphere(1.3));
  const std::vector<double> before(search->center().begin(), search->center().end());
  CloseWith(*search, [](const Point&, uint64_t) { return Answer{0.0, Outcome::kMissing}; });
  EXPECT_EQ(std::vector<double>(search->center().begin(), search->center().end()), before);
}

TEST_P(EveryComposition, StepRecord_HasItsLengths) {
  auto search = Search::Create(GetParam().spec);
  ASSERT_TRUE(search.ok()) << search.status();
  for (int n = 0; n < 5; ++n) {
    const StepSummary summary = CloseWith(*search, Sphere(1.3)).summary;
    EXPECT_GT(summary.step_radius, 0.0);
    EXPECT_GT(summary.probe_distance, 0.0);
    EXPECT_GE(summary.linear_rate, 0.0);
  }
}

std::string NameOf(const testing::TestParamInfo<Composition>& composition) {
  return composition.param.name;
}
INSTANTIATE_TEST_SUITE_P(All, EveryComposition, testing::ValuesIn(Compositions()), NameOf);

// Where eta is not 0 it is the rate of a gradient step: on a linear loss, at a temperature far
// above its spread, the center moves by -eta times the gradient.
struct RateCase {
  Method method;
  Polytope polytope;
  uint32_t probes;
  LossScale scale;
};

class LinearRateTest : public testing::TestWithParam<RateCase> {};

TEST_P(LinearRateTest, LinearLoss_MovesByMinusTheRateTimesTheGradient) {
  const RateCase& c = GetParam();
  SearchSpec spec;
  spec.seed = 5;
  spec.tensors = {{"x", {3}, TensorKind::kReal, {}, {}, {}}};
  spec.optimizer.method = c.method;
  spec.optimizer.polytope = c.polytope;
  spec.optimizer.epsilon = FixedSchedule(1e6);
  spec.optimizer.step_radius = FixedSchedule(0.5);
  spec.optimizer.loss_scale = c.scale;
  if (c.scale == LossScale::kConstant) spec.optimizer.loss_scale_constant = 7.0;
  if (c.method == Method::kBlock) {
    spec.optimizer.particle_dim = 3;
    spec.optimizer.probes = c.probes;
    spec.optimizer.probe_radius = FixedSchedule(0.3);
  }
  const double gradient[] = {2.0, -1.0, 0.5};
  auto search = Search::Create(spec);
  ASSERT_TRUE(search.ok()) << search.status();
  for (int n = 0; n < 3; ++n) {
    const std::vector<double> before(search->center().begin(), search->center().end());
    // In double: a decoded tensor is rounded to float.
    const StepPlan plan = search->Open(1'000);
    std::vector<double> points(3 * plan.count);
    search->Candidates(0, plan.count, absl::MakeSpan(points));
    std::vector<double> losses;
    for (size_t i = 0; i < points.size(); i += 3) {
      double loss = 4.0;
      for (size_t j = 0; j < 3; ++j) loss += gradient[j] * points[i + j];
      losses.push_back(loss);
    }
    std::vector<Outcome> outcomes(plan.count, Outcome::kLoss);
    const StepSummary summary = search->Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
    ASSERT_GT(summary.linear_rate, 0.0);
    for (size_t j = 0; j < 3; ++j) {
      const double expected = -summary.linear_rate * gradient[j];
      EXPECT_NEAR(search->center()[j] - before[j], expected, 1e-4 * std::fabs(expected));
    }
  }
}

std::vector<RateCase> RateCases() {
  std::vector<RateCase> cases;
  for (const Polytope polytope : {Polytope::kOrthoplex, Polytope::kSimplex, Polytope::kCube}) {
    for (const LossScale scale : {LossScale::kNone, LossScale::kMean, LossScale::kMax,
                                  LossScale::kConstant, LossScale::kRowDeviation}) {
      for (const uint32_t probes : {1u, 2u, 5u}) {
        cases.push_back({Method::kBlock, polytope, probes, scale});
      }
      cases.push_back({Method::kPopulation, polytope, 1, scale});
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, LinearRateTest, testing::ValuesIn(RateCases()));

TEST(StepRecord, ControlledRadii_AreTheEffectiveOnes) {
  SearchSpec spec = Compose("", Method::kBlock, [](OptimizerSpec& s) {
                      s.radius_control = RadiusControl::kAdaptive;
                      s.step_radius = FixedSchedule(0.2);
                      s.probe_radius = FixedSchedule(0.4);
                    }).spec;
  auto search = Search::Create(spec);
  const Simulator flat = [](const Point&, uint64_t) { return Answer{1.0}; };
  StepSummary summary;
  for (int n = 0; n < 11; ++n) summary = CloseWith(*search, flat).summary;
  EXPECT_EQ(summary.step_radius, 0.2);
  EXPECT_EQ(summary.probe_distance, 0.2);
  summary = CloseWith(*search, flat).summary;
  EXPECT_EQ(summary.step_radius, 0.2 * 1.5);
  EXPECT_EQ(summary.probe_distance, 0.4 * 1.5 * 0.5);
}

TEST(StepRecord, OtherSolversAndRanks_HaveNoLinearRate) {
  for (const Composition& composition : Compositions()) {
    const OptimizerSpec& given = composition.spec.optimizer;
    auto search = Search::Create(composition.spec);
    const StepSummary summary = CloseWith(*search, Sphere(1.3)).summary;
    const bool linear = given.method != Method::kMetric && given.method != Method::kRows &&
                        given.solver.value_or(Solver::kSoftmax) == Solver::kSoftmax &&
                        given.loss_scale != LossScale::kRowRank;
    EXPECT_EQ(summary.linear_rate > 0.0, linear) << composition.name;
  }
}

}  // namespace
}  // namespace polystep
