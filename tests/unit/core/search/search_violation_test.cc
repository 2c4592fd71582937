// Constraint violations: feasible first, then by violation, then by loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/search/repeat_mean.h"
#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

Search Make(Method method, std::vector<ParameterSpec> parameters, Noise noise = Noise::kNone) {
  SearchSpec spec;
  spec.parameters = std::move(parameters);
  spec.seed = 3;
  spec.optimizer.method = method;
  spec.horizon_evaluations = 3000;
  spec.noise = noise;
  auto search = Search::Create(spec);
  EXPECT_TRUE(search.ok()) << search.status();
  return *std::move(search);
}

double Sum(const Point& point) {
  double sum = 0.0;
  for (const Value& value : point.parameters) sum += std::get<double>(value);
  return sum;
}

// The sphere around 0 where the coordinates sum up to at least 3: its best loss is 3.
Answer Constrained(const Point& point, uint64_t seed) {
  return {Sphere(0.0)(point, seed).loss, Outcome::kLoss, std::max(0.0, 3.0 - Sum(point))};
}

TEST(SearchViolation, ConstrainedSphere_EveryMethodFindsTheBorder) {
  for (Method method : {Method::kMetric, Method::kPopulation, Method::kBlock}) {
    Search search = Make(method, RealParameters(3));
    int64_t evaluations = 0;
    while (evaluations < 3000) evaluations += CloseWith(search, Constrained).summary.evaluations;
    ASSERT_TRUE(search.best().has_value());
    EXPECT_EQ(search.best()->violation, 0.0) << static_cast<int>(method);
    EXPECT_LT(search.best()->loss, 3.5) << static_cast<int>(method);
    EXPECT_GE(search.best()->loss, 3.0 - 1e-9);
  }
}

TEST(SearchViolation, NothingFeasible_SmallestViolationIsBestAndIsFound) {
  for (Method method : {Method::kMetric, Method::kPopulation, Method::kBlock}) {
    Search search = Make(method, RealParameters(3));
    double smallest = std::numeric_limits<double>::infinity();
    for (int n = 0; n < 150; ++n) {
      const ClosedStep closed = CloseWith(search, [&](const Point& point, uint64_t seed) {
        const double violation = 1.0 + Sphere(2.0)(point, seed).loss;
        smallest = std::min(smallest, violation);
        return Answer{-Sum(point), Outcome::kLoss, violation};
      });
      EXPECT_FALSE(closed.summary.best_loss.has_value());
      ASSERT_TRUE(search.best().has_value());
      EXPECT_EQ(search.best()->violation, smallest);
    }
    EXPECT_LT(smallest, 1.5) << static_cast<int>(method);
  }
}

// As few ones as possible, but at least 20 of the first 30 bits.
TEST(SearchViolation, Bits_AsFewAsTheConstraintAllows) {
  SearchSpec spec;
  spec.tensors = {{"b", {60}, TensorKind::kBinary, {}, {}, {}}};
  spec.seed = 3;
  spec.optimizer.method = Method::kFlip;
  spec.horizon_evaluations = 6000;
  auto search = Search::Create(spec);
  ASSERT_TRUE(search.ok()) << search.status();
  int64_t evaluations = 0;
  while (evaluations < 6000) {
    const ClosedStep closed = CloseWith(*search, [](const Point& point, uint64_t) {
      double ones = 0.0;
      double first = 0.0;
      for (size_t i = 0; i < 60; ++i) {
        ones += point.tensors[0][i];
        if (i < 30) first += point.tensors[0][i];
      }
      return Answer{ones, Outcome::kLoss, std::max(0.0, 20.0 - first)};
    });
    evaluations += closed.summary.evaluations;
  }
  EXPECT_EQ(search->best()->violation, 0.0);
  EXPECT_LE(search->best()->loss, 22.0);
}

TEST(SearchViolation, FeasibleOfAnyLoss_BeatsAViolation) {
  Search search = Make(Method::kMetric, RealParameters(2));
  CloseWith(search, [](const Point&, uint64_t) { return Answer{-1e9, Outcome::kLoss, 1e-9}; });
  EXPECT_EQ(search.best()->violation, 1e-9);
  bool first = true;
  const ClosedStep closed = CloseWith(search, [&](const Point&, uint64_t) {
    return std::exchange(first, false) ? Answer{1e9} : Answer{-1e9, Outcome::kLoss, 1e-12};
  });
  EXPECT_TRUE(closed.summary.improved);
  EXPECT_EQ(search.best()->violation, 0.0);
  EXPECT_EQ(search.best()->loss, 1e9);
}

TEST(SearchViolation, AnsweredPoint_KeepsItsViolation) {
  Search search = Make(Method::kMetric, IntegerParameters(2, 3));
  std::vector<ClosedStep> steps;
  uint32_t reused = 0;
  for (int n = 0; n < 30; ++n) {
    const ClosedStep closed = CloseWith(search, [](const Point& point, uint64_t seed) {
      const double loss = Sphere(1.0)(point, seed).loss;
      return Answer{loss, Outcome::kLoss, loss > 1.5 ? loss : 0.0};
    });
    for (const Reused& r : closed.plan.reused) {
      const bool violated = closed.losses[r.index] > 1.5;
      EXPECT_EQ(closed.outcomes[r.index], violated ? Outcome::kViolation : Outcome::kLoss);
      if (!violated) continue;
      ++reused;
      ASSERT_EQ(closed.violations.size(), closed.plan.count);
      EXPECT_EQ(closed.violations[r.index], closed.losses[r.index]);
    }
  }
  EXPECT_GT(reused, 0u);
}

TEST(SearchViolation, Score_OfAViolatingCenterIsBestOnlyUntilAFeasibleOne) {
  Search search = Make(Method::kMetric, RealParameters(2), Noise::kNoisy);
  const ClosedStep violating = CloseWith(search, [](const Point&, uint64_t) {
    return Answer{1.0, Outcome::kLoss, 2.0};
  });
  EXPECT_FALSE(violating.summary.score.has_value());
  EXPECT_EQ(search.best()->violation, 2.0);
  for (int n = 0; n < 6; ++n) {
    CloseWith(search, [](const Point&, uint64_t) { return Answer{5.0}; });
  }
  EXPECT_EQ(search.best()->violation, 0.0);
  EXPECT_EQ(search.best()->loss, 5.0);
}

TEST(SearchViolation, OneRepeatViolates_MeanViolation) {
  using enum Outcome;
  const std::vector<double> losses = {1.0, 2.0, 3.0, 6.0};
  const std::vector<Outcome> outcomes = {kLoss, kViolation, kLoss, kInfeasible};
  const std::vector<double> violations = {0.0, 4.0, 0.0, 0.0};
  const MeanAnswers mean = MeanOverRepeats({losses, outcomes, violations}, 2);
  EXPECT_EQ(mean.losses, (std::vector<double>{2.0, 2.0}));
  EXPECT_EQ(mean.outcomes, (std::vector<Outcome>{kLoss, kViolation}));
  EXPECT_EQ(mean.violations, (std::vector<double>{0.0, 4.0}));
}

TEST(SearchViolation, UnsoundViolation_IsInfeasible) {
  for (double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    Search search = Make(Method::kMetric, RealParameters(2));
    const uint32_t count = search.Open(1000).count;
    std::vector<double> losses(count, 1.0), violations(count, bad);
    std::vector<Outcome> outcomes(count, Outcome::kViolation);
    search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes), &violations);
    EXPECT_EQ(outcomes[0], Outcome::kInfeasible) << bad;
    EXPECT_FALSE(search.best().has_value());
  }
}

}  // namespace
}  // namespace polystep
