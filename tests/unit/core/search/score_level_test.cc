// Incumbents of noisy studies: what a score says of them, and how good they are at the end.
#include "core/search/score_level.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/random/random_stream.h"
#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

using Verdict = ScoreLevel::Verdict;

TEST(ScoreLevel, DifferencesWithinTheNoise_MakeOneLevel) {
  ScoreLevel level;
  EXPECT_EQ(level.Take(0, {9.0, 11.0}), Verdict::kBetter);
  EXPECT_EQ(level.Take(5, {10.0, 12.0}), Verdict::kAlike);
  EXPECT_EQ(level.Take(10, {8.0, 10.0}), Verdict::kAlike);
  EXPECT_DOUBLE_EQ(level.mean(), 10.0);
  EXPECT_EQ(level.improved_step(), 0);
  EXPECT_EQ(level.Take(15, {17.0, 19.0}), Verdict::kWorse);
  EXPECT_DOUBLE_EQ(level.mean(), 10.0);
  EXPECT_EQ(level.Take(20, {2.0, 4.0}), Verdict::kBetter);
  EXPECT_DOUBLE_EQ(level.mean(), 3.0);
  EXPECT_EQ(level.improved_step(), 20);
}

TEST(ScoreLevel, ManySmallImprovements_AreOne) {
  ScoreLevel level;
  for (int64_t n = 0; n < 40; ++n) {
    const double score = 10.0 - 0.2 * static_cast<double>(n);
    EXPECT_NE(level.Take(n, {score - 1.0, score + 1.0}), Verdict::kWorse);
  }
  EXPECT_GT(level.improved_step(), 25);
  EXPECT_LT(level.mean(), 4.0);
}

TEST(ScoreLevel, WithoutNoise_OnlyLowerIsBetter) {
  ScoreLevel level;
  EXPECT_EQ(level.Take(0, {2.0}), Verdict::kBetter);
  EXPECT_EQ(level.Take(1, {2.0}), Verdict::kWorse);
  EXPECT_EQ(level.Take(2, {1.5}), Verdict::kBetter);
  EXPECT_EQ(level.Take(3, {1.6, 1.6}), Verdict::kWorse);
  EXPECT_EQ(level.mean(), 1.5);
}

TEST(ScoreLevel, SavedAndRestored_GoesOnAlike) {
  ScoreLevel a;
  for (int64_t n = 0; n < 9; ++n) {
    ByteWriter writer;
    a.Save(writer);
    ScoreLevel b;
    const std::string saved = writer.Take();
    ByteReader reader(saved);
    ASSERT_TRUE(b.Restore(reader));
    RandomStream stream(1, static_cast<uint64_t>(n), 0, Draw::kJitter);
    const std::vector<double> losses = {stream.Normal(), stream.Normal() - 0.3};
    ASSERT_EQ(a.Take(n, losses), b.Take(n, losses));
    ASSERT_EQ(a.mean(), b.mean());
    ASSERT_EQ(a.improved_step(), b.improved_step());
  }
}

struct End {
  double incumbent;  // noise-free losses
  double luckiest;   // of the center with the lowest score
  double told;       // the incumbent's loss
};

// Condition 100.
double Quadratic(const Point& point) {
  double sum = 0.0;
  for (size_t i = 0; i < point.parameters.size(); ++i) {
    const double apart = std::get<double>(point.parameters[i]) - 1.3;
    sum += std::pow(100.0, static_cast<double>(i) / 4.0) * apart * apart;
  }
  return sum;
}

Search NoisySearch(uint64_t seed) {
  SearchSpec spec;
  spec.parameters = RealParameters(5);
  spec.seed = seed;
  spec.noise = Noise::kNoisy;
  return *Search::Create(spec);
}

// Under noise that is larger than what there is to gain at the end.
End Minimise(uint64_t seed) {
  Search search = NoisySearch(seed);
  uint64_t call = 0;
  double lowest = std::numeric_limits<double>::infinity();
  End end = {};
  for (int n = 0; n < 120; ++n) {
    const double center = Quadratic(search.space()->Decode(search.center()));
    const ClosedStep closed = CloseWith(search, [&](const Point& point, uint64_t) {
      const double noise = RandomStream(seed, ++call, 1, Draw::kJitter).Normal();
      return Answer{Quadratic(point) + 3.0 * noise};
    });
    if (closed.summary.score && *closed.summary.score < lowest) {
      lowest = *closed.summary.score;
      end.luckiest = center;
    }
  }
  end.incumbent = Quadratic(search.space()->Decode(search.best()->point.Coordinates()));
  end.told = search.best()->loss;
  return end;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

TEST(NoisyIncumbent, StrongNoise_BetterThanTheLuckiestScoreAndTold) {
  std::vector<double> incumbents;
  std::vector<double> luckiest;
  std::vector<double> errors;
  for (uint64_t seed = 1; seed <= 41; ++seed) {
    const End end = Minimise(seed);
    incumbents.push_back(end.incumbent);
    luckiest.push_back(end.luckiest);
    errors.push_back(std::fabs(end.told - end.incumbent));
  }
  RecordProperty("incumbent", std::to_string(Median(incumbents)));
  RecordProperty("luckiest", std::to_string(Median(luckiest)));
  EXPECT_LT(Median(incumbents), 0.8 * Median(luckiest));
  EXPECT_LT(Median(errors), 1.0);  // a score of two has a standard error of 2.1
}

// Patience counts from the last improvement that is certain.
TEST(NoisyIncumbent, NothingButNoise_MovesOnWithoutImproving) {
  Search search = NoisySearch(3);
  uint64_t call = 0;
  for (int n = 0; n < 100; ++n) {
    CloseWith(search, [&](const Point&, uint64_t) {
      return Answer{RandomStream(3, ++call, 1, Draw::kJitter).Normal()};
    });
  }
  EXPECT_GE(search.best()->step, 70);
  EXPECT_LE(search.improved_step(), 50);
}

}  // namespace
}  // namespace polystep
