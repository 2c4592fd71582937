#include "core/search/search.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>

#include "core/base/field_error.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

SearchSpec Spec(std::vector<ParameterSpec> parameters) {
  SearchSpec spec;
  spec.parameters = std::move(parameters);
  spec.seed = 42;
  return spec;
}

Search Make(const SearchSpec& spec) {
  auto search = Search::Create(spec);
  EXPECT_TRUE(search.ok()) << search.status();
  return *std::move(search);
}

TEST(SearchPlan, NoNoise_IsOneSegmentUnderOneSeedForTheStudy) {
  Search search = Make(Spec(RealParameters(4)));
  const ClosedStep first = CloseWith(search, Sphere(1.0));
  const ClosedStep second = CloseWith(search, Sphere(1.0));
  ASSERT_EQ(first.plan.segments.size(), 1u);
  EXPECT_EQ(first.plan.segments[0].purpose, Purpose::kSearch);
  EXPECT_EQ(first.plan.count, search.effective_optimizer().parallelism);
  EXPECT_EQ(first.plan.segments[0].evaluation_seed, second.plan.segments[0].evaluation_seed);
  EXPECT_EQ(first.plan.step, 0);
  EXPECT_EQ(second.plan.step, 1);
  EXPECT_EQ(search.step(), 2);
}

TEST(SearchPlan, OpenTwice_IsTheSamePlanWhateverTheBudget) {
  Search search = Make(Spec(RealParameters(4)));
  EXPECT_FALSE(search.is_open());
  const uint32_t count = search.Open(1000).count;
  EXPECT_TRUE(search.is_open());
  EXPECT_EQ(search.Open(0).count, count);
}

TEST(SearchPlan, Parallelism_OffersAtLeastThatMany) {
  for (uint32_t parallelism : {1u, 7u, 64u, 1000u}) {
    for (Method method : {Method::kMetric, Method::kPopulation}) {
      SearchSpec spec = Spec(RealParameters(5));
      spec.optimizer.method = method;
      spec.optimizer.parallelism = parallelism;
      Search search = Make(spec);
      EXPECT_GE(search.Open(1'000'000).count, parallelism);
      EXPECT_EQ(search.Open(0).count, search.effective_optimizer().parallelism);
    }
  }
}

TEST(SearchPlan, SmallBudget_DropsWholeRowsFromTheEnd) {
  SearchSpec spec = Spec(RealParameters(4));
  spec.optimizer.parallelism = 60;
  Search whole = Make(spec);
  const StepPlan& plan = whole.Open(1'000'000);
  const uint32_t row = plan.segments[0].vertices;
  for (int64_t budget : {int64_t{row}, int64_t{2 * row + 1}, int64_t{3 * row - 1}}) {
    Search search = Make(spec);
    EXPECT_EQ(search.Open(budget).count, budget / row * row);
    std::vector<double> a(4);
    std::vector<double> b(4);
    search.Candidates(row - 1, 1, absl::MakeSpan(a));
    whole.Candidates(row - 1, 1, absl::MakeSpan(b));
    EXPECT_EQ(a, b);
  }
  Search none = Make(spec);
  EXPECT_EQ(none.Open(row - 1).count, 0u);
  EXPECT_FALSE(none.is_open());
  EXPECT_GT(none.Open(row).count, 0u);  // a raised limit opens the step after all
}

TEST(SearchPlan, AnyRangeOfCandidates_IsTheSameAsOneByOne) {
  for (Method method : {Method::kMetric, Method::kPopulation, Method::kBlock}) {
    SearchSpec spec = Spec(RealParameters(5));
    spec.optimizer.method = method;
    spec.noise = Noise::kNoisy;
    spec.repeats = 2;
    Search search = Make(spec);
    const uint32_t count = search.Open(1'000'000).count;
    std::vector<double> all(count * 5);
    search.Candidates(0, count, absl::MakeSpan(all));
    for (uint32_t i = count; i-- > 0;) {
      std::vector<double> one(5);
      search.Candidates(i, 1, absl::MakeSpan(one));
      EXPECT_EQ(one, std::vector<double>(all.begin() + 5 * i, all.begin() + 5 * i + 5)) << i;
    }
  }
}

// The model's center comes first in every repeat, under the seed of the rows it belongs to.
TEST(SearchPlan, SinglePoints_AreASegmentBeforeTheRowsOfTheirRepeat) {
  SearchSpec spec = Spec(RealParameters(5));
  spec.optimizer.method = Method::kBlock;
  spec.optimizer.quadratic_model = true;
  spec.noise = Noise::kSeeded;
  spec.repeats = 2;
  spec.score_every = 100;
  Search search = Make(spec);
  EXPECT_EQ(search.effective_optimizer().parallelism, 13u);
  const StepPlan plan = search.Open(1'000);
  ASSERT_EQ(plan.segments.size(), 6u);  // two scores, two repeats of a point and three rows of four
  EXPECT_EQ(plan.count, 2u + 2u * 13u);
  std::vector<double> candidate(5);
  for (const size_t n : {size_t{2}, size_t{4}}) {
    EXPECT_EQ(plan.segments[n].count(), 1u);
    EXPECT_EQ(plan.segments[n + 1].count(), 12u);
    EXPECT_EQ(plan.segments[n].evaluation_seed, plan.segments[n + 1].evaluation_seed);
    search.Candidates(plan.segments[n].first_index, 1, absl::MakeSpan(candidate));
    EXPECT_EQ(absl::MakeConstSpan(candidate), search.center());
    std::vector<double> both(10);
    search.Candidates(plan.segments[n].first_index, 2, absl::MakeSpan(both));
    search.Candidates(plan.segments[n + 1].first_index, 1, absl::MakeSpan(candidate));
    EXPECT_EQ(std::vector<double>(both.begin() + 5, both.end()), candidate);
    EXPECT_NE(absl::MakeConstSpan(candidate), search.center());
  }
  EXPECT_NE(plan.segments[2].evaluation_seed, plan.segments[4].evaluation_seed);
}

TEST(SearchPlan, BudgetForSinglePointsAlone_OpensNothing) {
  SearchSpec spec = Spec(RealParameters(5));
  spec.optimizer.method = Method::kBlock;
  spec.optimizer.quadratic_model = true;
  for (const int64_t budget : {int64_t{0}, int64_t{1}, int64_t{4}}) {
    EXPECT_EQ(Make(spec).Open(budget).count, 0u) << budget;
  }
  EXPECT_EQ(Make(spec).Open(5).count, 5u);
  EXPECT_EQ(Make(spec).Open(12).count, 9u);
  spec.noise = Noise::kNoisy;
  spec.score_every = 1;
  EXPECT_EQ(Make(spec).Open(6).count, 6u);
  EXPECT_EQ(Make(spec).Open(5).count, 1u);  // the score alone
}

TEST(SearchMemory, AnsweredPoint_IsNeverAskedAgain) {
  Search search = Make(Spec(IntegerParameters(2, 6)));
  std::set<std::string> seen;
  uint32_t reused = 0;
  uint32_t evaluations = 0;
  for (int n = 0; n < 60; ++n) {
    const ClosedStep closed = CloseWith(search, [&](const Point& point, uint64_t) {
      const auto coordinates = search.space()->Encode(point);
      EXPECT_TRUE(seen.insert(search.space()->DecodedKey(*coordinates)).second);
      return Sphere(3.0)(point, 0);
    });
    reused += closed.summary.reused;
    evaluations += closed.summary.evaluations;
    EXPECT_EQ(closed.summary.reused, closed.plan.reused.size());
  }
  EXPECT_GT(reused, 0u);
  EXPECT_LE(evaluations, 49u);
  ASSERT_TRUE(search.best().has_value());
  EXPECT_EQ(search.best()->loss, 0.0);
}

TEST(SearchMemory, ReusedEntries_AreFilledInOnClose) {
  Search search = Make(Spec(IntegerParameters(1, 2)));
  std::map<int64_t, Answer> truth = {{0, {7.0}}, {1, {0.0, Outcome::kInfeasible}}, {2, {3.0}}};
  bool known = false;
  bool alias = false;
  for (int n = 0; n < 20; ++n) {
    const ClosedStep closed = CloseWith(search, [&](const Point& point, uint64_t) {
      return truth[std::get<int64_t>(point.parameters[0])];
    });
    uint32_t last = 0;
    for (const Reused& r : closed.plan.reused) {
      EXPECT_GE(r.index, last);
      last = r.index;
      known = known || !r.alias_of;
      alias = alias || r.alias_of;
      EXPECT_LT(r.alias_of.value_or(0), r.index + (r.alias_of ? 0 : 1));
      EXPECT_NE(closed.outcomes[r.index], Outcome::kMissing);
      const double loss = closed.losses[r.index];
      const bool feasible = closed.outcomes[r.index] == Outcome::kLoss;
      EXPECT_EQ(feasible, loss == 7.0 || loss == 3.0);
    }
  }
  EXPECT_TRUE(known);
  EXPECT_GT(search.steps_without_evaluation(), 10);
  EXPECT_EQ(search.best()->loss, 3.0);
}

TEST(SearchMemory, NoisyStudyOrTensors_ReuseNothing) {
  SearchSpec noisy = Spec(IntegerParameters(1, 1));
  noisy.noise = Noise::kNoisy;
  SearchSpec tensors;
  tensors.tensors = {{"b", {1}, TensorKind::kBinary, {}, {}, {}}};
  for (const SearchSpec& spec : {noisy, tensors}) {
    Search search = Make(spec);
    for (int n = 0; n < 10; ++n) {
      EXPECT_TRUE(CloseWith(search, Sphere(1.0)).plan.reused.empty());
    }
    EXPECT_EQ(search.steps_without_evaluation(), 0);
  }
}

TEST(SearchBest, Ties_GoToTheLowestStepAndIndex) {
  Search search = Make(Spec(RealParameters(3)));
  const ClosedStep first = CloseWith(search, [](const Point&, uint64_t) { return Answer{5.0}; });
  EXPECT_TRUE(first.summary.improved);
  const ClosedStep second = CloseWith(search, [](const Point&, uint64_t) { return Answer{5.0}; });
  EXPECT_FALSE(second.summary.improved);
  EXPECT_EQ(search.best()->step, 0);
  EXPECT_EQ(search.best()->index, 0u);
}

TEST(SearchBest, NonFiniteLoss_CountsAsInfeasible) {
  SearchSpec spec = Spec(RealParameters(3));
  spec.optimizer.parallelism = 4;
  Search search = Make(spec);
  const ClosedStep closed = CloseWith(search, [n = 0](const Point&, uint64_t) mutable {
    const double odd[] = {std::numeric_limits<double>::quiet_NaN(), 3.0,
                          -std::numeric_limits<double>::infinity(), 2.0};
    return Answer{odd[n++ % 4]};
  });
  EXPECT_EQ(closed.summary.infeasible, closed.plan.count / 2);
  EXPECT_EQ(search.best()->loss, 2.0);
  for (double c : search.center()) EXPECT_TRUE(std::isfinite(c));
}

TEST(SearchBest, NothingAnswered_HoldsTheCenter) {
  for (Method method : {Method::kMetric, Method::kPopulation, Method::kBlock}) {
    SearchSpec spec = Spec(RealParameters(3));
    spec.optimizer.method = method;
    Search search = Make(spec);
    const std::vector<double> before(search.center().begin(), search.center().end());
    const ClosedStep closed = CloseWith(search, [](const Point&, uint64_t) {
      return Answer{0.0, Outcome::kMissing};
    });
    EXPECT_EQ(closed.summary.masked, closed.plan.count);
    EXPECT_EQ(closed.summary.evaluations, 0u);
    EXPECT_FALSE(search.best().has_value());
    EXPECT_EQ(std::vector<double>(search.center().begin(), search.center().end()), before);
  }
}

TEST(SearchInitialPoints, UnknownLosses_AreStepZero) {
  SearchSpec spec = Spec(IntegerParameters(2, 100));
  spec.initial_points = {{{{int64_t{90}, int64_t{90}}, {}}, {}},
                         {{{int64_t{10}, int64_t{12}}, {}}, {}},
                         {{{int64_t{50}, int64_t{50}}, {}}, 5000.0}};
  Search search = Make(spec);
  const ClosedStep closed = CloseWith(search, Sphere(10.0));
  ASSERT_EQ(closed.plan.count, 2u);
  EXPECT_EQ(closed.plan.segments[0].rows, 2u);
  EXPECT_EQ(closed.losses, (std::vector<double>{12800.0, 4.0}));
  EXPECT_EQ(search.best()->loss, 4.0);
  EXPECT_EQ(search.best()->step, 0);
  EXPECT_EQ(search.best()->index, 1u);
  const Point center = search.space()->Decode(search.center());
  EXPECT_EQ(center.parameters, (std::vector<Value>{int64_t{10}, int64_t{12}}));
  EXPECT_GT(CloseWith(search, Sphere(10.0)).plan.count, 2u);
}

TEST(SearchInitialPoints, KnownLosses_AreTheStartAndTheFirstBest) {
  SearchSpec spec = Spec(IntegerParameters(2, 100));
  spec.initial_points = {{{{int64_t{90}, int64_t{90}}, {}}, 12800.0},
                         {{{int64_t{10}, int64_t{12}}, {}}, 4.0}};
  Search search = Make(spec);
  EXPECT_EQ(search.best()->loss, 4.0);
  EXPECT_EQ(search.best()->step, -1);
  EXPECT_EQ(search.space()->Decode(search.center()).parameters,
            (std::vector<Value>{int64_t{10}, int64_t{12}}));
}

TEST(SearchInitialPoints, BadValue_NamesItsField) {
  SearchSpec spec = Spec(IntegerParameters(2, 100));
  spec.initial_points = {{{{int64_t{1}, int64_t{1}}, {}}, {}},
                         {{{int64_t{1}, int64_t{101}}, {}}, {}}};
  const absl::Status status = Search::Create(spec).status();
  ASSERT_TRUE(GetFieldViolation(status).has_value());
  EXPECT_EQ(GetFieldViolation(status)->field, "initial_points[1].parameters[1]");
}

TEST(SearchCreate, BadEvaluationPolicy_NamesItsField) {
  SearchSpec spec = Spec(RealParameters(2));
  spec.repeats = 3;
  EXPECT_EQ(GetFieldViolation(Search::Create(spec).status())->field, "evaluation.repeats");
  spec.repeats = 0;
  EXPECT_EQ(GetFieldViolation(Search::Create(spec).status())->field, "evaluation.repeats");
  spec.noise = Noise::kNoisy;
  spec.repeats = 1001;
  EXPECT_EQ(GetFieldViolation(Search::Create(spec).status())->field, "evaluation.repeats");
}

TEST(SearchDeterminism, TwoStudies_AreEqualInEveryBit) {
  Search a = Make(Spec(RealParameters(6)));
  Search b = Make(Spec(RealParameters(6)));
  for (int n = 0; n < 30; ++n) {
    const ClosedStep one = CloseWith(a, Sphere(1.0));
    const ClosedStep two = CloseWith(b, Sphere(1.0));
    ASSERT_EQ(one.losses, two.losses) << n;
  }
  SearchSpec other = Spec(RealParameters(6));
  other.seed = 43;
  Search c = Make(other);
  Search d = Make(Spec(RealParameters(6)));
  // Both look at their start first.
  EXPECT_EQ(CloseWith(c, Sphere(1.0)).losses, CloseWith(d, Sphere(1.0)).losses);
  EXPECT_NE(CloseWith(c, Sphere(1.0)).losses, CloseWith(d, Sphere(1.0)).losses);
}

}  // namespace
}  // namespace polystep
