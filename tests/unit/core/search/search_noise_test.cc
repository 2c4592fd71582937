// Repeats, evaluation seeds and scores of studies whose losses are noisy.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/random/random_stream.h"
#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

Search Noisy(uint32_t repeats, uint32_t score_every, Noise noise = Noise::kSeeded) {
  SearchSpec spec;
  spec.parameters = RealParameters(3);
  spec.seed = 5;
  spec.noise = noise;
  spec.repeats = repeats;
  spec.score_every = score_every;
  auto search = Search::Create(spec);
  EXPECT_TRUE(search.ok()) << search.status();
  return *std::move(search);
}

// A seed shifts every loss by the same amount, up to 10.
Answer SeededSphere(const Point& point, uint64_t seed) {
  return {Sphere(1.0)(point, 0).loss + static_cast<double>(seed % 1000) / 100.0};
}

TEST(SearchNoise, EverySegmentOfAStep_HasItsOwnNewSeed) {
  Search search = Noisy(3, 100);
  std::set<uint64_t> seeds;
  for (int n = 0; n < 5; ++n) {
    for (const Segment& segment : CloseWith(search, SeededSphere).plan.segments) {
      if (segment.purpose == Purpose::kSearch) {
        EXPECT_TRUE(seeds.insert(segment.evaluation_seed).second);
      }
    }
  }
  EXPECT_EQ(seeds.size(), 15u);
}

TEST(SearchNoise, Repeats_AreCopiesOfTheSameCandidates) {
  Search search = Noisy(2, 100);
  CloseWith(search, SeededSphere);  // scored
  const StepPlan& plan = search.Open(1'000'000);
  ASSERT_EQ(plan.segments.size(), 2u);
  const uint32_t count = plan.segments[0].count();
  EXPECT_EQ(plan.segments[1].first_index, count);
  std::vector<double> first(3 * count);
  std::vector<double> second(3 * count);
  search.Candidates(0, count, absl::MakeSpan(first));
  search.Candidates(count, count, absl::MakeSpan(second));
  EXPECT_EQ(first, second);
}

TEST(SearchNoise, MeanOfAnsweredRepeats_DecidesTheMove) {
  // The first repeat of `a` is twice too high and the second is missing its noise; in `b` the
  // means are told twice.
  Search a = Noisy(2, 100);
  Search b = Noisy(2, 100);
  for (Search* search : {&a, &b}) {
    const StepPlan plan = search->Open(1'000'000);
    std::vector<double> losses(plan.count, 1.0);
    std::vector<Outcome> outcomes(plan.count, Outcome::kLoss);
    const uint32_t count = plan.segments.back().count();
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t first = plan.segments[2].first_index + i;
      const double mean = i % 3;
      losses[first] = search == &a ? mean + 0.25 * i : mean;
      losses[first + count] = search == &a ? mean - 0.25 * i : mean;
    }
    search->Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
  }
  EXPECT_EQ(a.Save(), b.Save());
}

TEST(SearchNoise, CenterIsScored_UnderOneFixedSeedAndCountsAlone) {
  Search search = Noisy(1, 4);
  std::set<uint64_t> seeds;
  for (int64_t step = 0; step < 12; ++step) {
    const std::vector<double> center(search.center().begin(), search.center().end());
    const ClosedStep closed = CloseWith(search, SeededSphere);
    const Segment& front = closed.plan.segments.front();
    EXPECT_EQ(front.purpose == Purpose::kScore, step % 4 == 0);
    EXPECT_EQ(closed.summary.score.has_value(), step % 4 == 0);
    if (step % 4 != 0) {
      EXPECT_FALSE(closed.summary.improved);
      continue;
    }
    seeds.insert(front.evaluation_seed);
    EXPECT_EQ(front.count(), 1u);
    EXPECT_EQ(*closed.summary.score, closed.losses[0]);
    if (closed.summary.improved) {
      EXPECT_EQ(search.best()->point.Coordinates(), center);
      EXPECT_EQ(search.best()->step, step);
    }
  }
  EXPECT_EQ(seeds.size(), 1u);
}

TEST(SearchNoise, RestOfTheBudget_BuysOneLastScore) {
  Search search = Noisy(1, 1000);
  CloseWith(search, SeededSphere);
  const StepPlan plan = search.Open(2);
  ASSERT_EQ(plan.count, 1u);
  EXPECT_EQ(plan.segments[0].purpose, Purpose::kScore);
  std::vector<double> losses = {0.5};
  std::vector<Outcome> outcomes = {Outcome::kLoss};
  EXPECT_EQ(*search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes)).score, 0.5);
  EXPECT_EQ(search.Open(2).count, 0u);  // the center has not moved since
}

TEST(SearchNoise, NoisySphere_IsFoundWithinTheNoise) {
  Search search = Noisy(2, 0, Noise::kNoisy);
  uint64_t call = 0;
  for (int n = 0; n < 150; ++n) {
    CloseWith(search, [&](const Point& point, uint64_t) {
      RandomStream stream(99, ++call, 0, Draw::kJitter);
      return Answer{Sphere(1.0)(point, 0).loss + 0.1 * stream.Normal()};
    });
  }
  const Point center = search.space()->Decode(search.center());
  EXPECT_LT(Sphere(1.0)(center, 0).loss, 0.1);
}

// Four rows a step and more: a score is the mean of several evaluations of one point.
TEST(SearchNoise, ScoreOfANoisyStudy_IsAMeanUnderOneSeed) {
  SearchSpec spec;
  spec.parameters = RealParameters(3);
  spec.noise = Noise::kNoisy;
  spec.optimizer.parallelism = 40;
  auto search = Search::Create(spec);
  ASSERT_TRUE(search.ok()) << search.status();
  double call = 0.0;
  const ClosedStep closed =
      CloseWith(*search, [&](const Point&, uint64_t) { return Answer{call++}; });
  const Segment& score = closed.plan.segments.front();
  ASSERT_EQ(score.purpose, Purpose::kScore);
  ASSERT_GE(score.count(), 4u);
  EXPECT_EQ(*closed.summary.score, 0.5 * (score.count() - 1));  // of 0, 1, 2, ...
  EXPECT_EQ(closed.plan.segments[1].purpose, Purpose::kSearch);
}

TEST(SearchNoise, NoisyStudy_StartsWithMoreRowsAndAsksForMoreInNoise) {
  SearchSpec spec;
  spec.parameters = RealParameters(3);
  spec.noise = Noise::kNoisy;
  auto search = Search::Create(spec);
  ASSERT_TRUE(search.ok()) << search.status();
  const OptimizerSpec& optimizer = search->effective_optimizer();
  EXPECT_EQ(optimizer.parallelism, 3 * 2 * *optimizer.frame_size);
  uint64_t call = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  for (int n = 0; n < 200; ++n) {
    const ClosedStep closed = CloseWith(*search, [&](const Point&, uint64_t) {
      return Answer{RandomStream(1, ++call, 0, Draw::kJitter).Normal()};
    });
    last = closed.plan.count;
    if (n == 0) first = last;
  }
  EXPECT_GT(last, 4 * first);
  auto again = Search::Create(search->spec());
  EXPECT_EQ(again->effective_optimizer().parallelism, optimizer.parallelism);
}

}  // namespace
}  // namespace polystep
