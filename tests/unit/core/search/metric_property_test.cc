// Properties of the automatic method on smooth losses: steps under parallelism, rotations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/frames/rotation.h"
#include "core/random/random_stream.h"
#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

constexpr size_t kDim = 10;

// Condition 1e6 along the rows of `rotation`, optimum 0 at 1.3 everywhere.
double Ellipsoid(const Point& point, const std::vector<double>& rotation) {
  double loss = 0.0;
  for (size_t i = 0; i < kDim; ++i) {
    double along = 0.0;
    for (size_t j = 0; j < kDim; ++j) {
      along += rotation[i * kDim + j] * (std::get<double>(point.parameters[j]) - 1.3);
    }
    loss += std::pow(1e6, static_cast<double>(i) / (kDim - 1.0)) * along * along;
  }
  return loss;
}

std::vector<double> Rotation(bool turned, uint64_t seed) {
  std::vector<double> rotation(kDim * kDim, 0.0);
  RandomStream stream(seed, 0, 0, Draw::kRotation);
  if (turned) {
    HaarRotation(kDim, stream, absl::MakeSpan(rotation));
  } else {
    for (size_t i = 0; i < kDim; ++i) rotation[i * kDim + i] = 1.0;
  }
  return rotation;
}

struct Effort {
  int64_t steps = 0;
  int64_t evaluations = 0;
};

Effort Until(double target, uint64_t seed, uint32_t parallelism,
             const std::vector<double>& rotation) {
  SearchSpec spec;
  spec.parameters = RealParameters(kDim);
  spec.seed = seed;
  spec.optimizer.parallelism = parallelism;
  Search search = *Search::Create(spec);
  Effort effort;
  while ((!search.best() || search.best()->loss > target) && effort.steps < 3000) {
    const ClosedStep closed = CloseWith(
        search, [&](const Point& point, uint64_t) { return Answer{Ellipsoid(point, rotation)}; });
    ++effort.steps;
    effort.evaluations += closed.summary.evaluations;
  }
  return effort;
}

int64_t Median(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(MetricProperty, Parallelism64_NeedsAThirdOfTheSteps) {
  std::vector<int64_t> alone;
  std::vector<int64_t> wide;
  for (uint64_t seed = 1; seed <= 9; ++seed) {
    const std::vector<double> rotation = Rotation(true, seed);
    alone.push_back(Until(1e-6, seed, 0, rotation).steps);
    wide.push_back(Until(1e-6, seed, 64, rotation).steps);
  }
  EXPECT_LE(3 * Median(wide), Median(alone)) << Median(wide) << " and " << Median(alone);
}

// Neither the metric nor the models know the coordinates.
TEST(MetricProperty, RotationOfTheLosses_MattersLessThanChance) {
  std::vector<int64_t> straight;
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    straight.push_back(Until(1e-8, seed, 0, Rotation(false, seed)).evaluations);
  }
  for (uint64_t rotations : {0, 100, 200}) {
    std::vector<int64_t> turned;
    for (uint64_t seed = 1; seed <= 15; ++seed) {
      turned.push_back(Until(1e-8, seed, 0, Rotation(true, seed + rotations)).evaluations);
    }
    const auto median = static_cast<double>(Median(straight));
    EXPECT_NEAR(static_cast<double>(Median(turned)) / median, 1.0, 0.15) << median;
  }
}

// A step of one evaluation that is not answered says nothing: after a step of frames comes another,
// and it asks for another point.
TEST(MetricProperty, UnansweredProposals_AlternateWithFrames) {
  const std::vector<double> rotation = Rotation(true, 1);
  SearchSpec spec;
  spec.parameters = RealParameters(kDim);
  spec.seed = 1;
  Search search = *Search::Create(spec);
  std::vector<double> point(kDim);
  std::vector<double> unanswered;
  bool alone = false;
  for (int step = 0; step < 40; ++step) {
    const uint32_t count = search.Open(1'000'000).count;
    const bool again = alone;
    alone = count == 1 && step > 8;  // models work by then
    EXPECT_FALSE(alone && again) << step;
    std::vector<double> losses(count);
    std::vector<Outcome> outcomes(count, alone ? Outcome::kMissing : Outcome::kLoss);
    for (uint32_t i = 0; i < count; ++i) {
      search.Candidates(i, 1, absl::MakeSpan(point));
      losses[i] = Ellipsoid(search.space()->Decode(point), rotation);
    }
    if (alone) unanswered.push_back(losses[0]);
    search.Close(absl::MakeSpan(losses), absl::MakeSpan(outcomes));
  }
  EXPECT_GE(unanswered.size(), 10u);
  std::sort(unanswered.begin(), unanswered.end());
  EXPECT_EQ(std::unique(unanswered.begin(), unanswered.end()), unanswered.end());
}

}  // namespace
}  // namespace polystep
