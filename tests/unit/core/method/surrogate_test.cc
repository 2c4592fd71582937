#include "core/method/surrogate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr size_t kDim = 4;

// A quadratic of condition 100 with its minimum 0 at 0.3 everywhere, not along the axes.
double Ellipsoid(absl::Span<const double> x) {
  double sum = 0.0;
  for (double value : x) sum += value - 0.3;
  double loss = 25.0 * sum * sum;
  for (double value : x) loss += (value - 0.3) * (value - 0.3);
  return loss;
}

struct Start {
  MetricModel metric = MetricModel(true, 0.3, std::vector<double>(kDim, 1.0));
  Surrogate surrogate = Surrogate(kDim);
  std::vector<double> best;
  double loss = 1e300;

  explicit Start(int points) {
    RandomStream stream(1, 2, 3, Draw::kJitter);
    for (int n = 0; n < points; ++n) {
      std::vector<double> x(kDim);
      for (double& value : x) value = 0.3 * stream.Normal();
      Take(x);
    }
  }
  void Take(const std::vector<double>& x) {
    surrogate.Add(x, Ellipsoid(x));
    if (Ellipsoid(x) >= loss) return;
    best = x;
    loss = Ellipsoid(x);
  }
  std::vector<std::vector<double>> Propose(size_t count) {
    return surrogate.Propose(metric, best, loss, count);
  }
};

TEST(Surrogate, FewPoints_GiveNoProposal) { EXPECT_TRUE(Start(7).Propose(1).empty()); }

TEST(Surrogate, Quadratic_IsMinimisedByTheFirstProposal) {
  Start start(20);
  const auto offsets = start.Propose(1);
  ASSERT_EQ(offsets.size(), 1u);
  std::vector<double> x = start.best;
  for (size_t i = 0; i < kDim; ++i) x[i] += offsets[0][i];
  EXPECT_LT(Ellipsoid(x), 1e-10 * start.loss);
}

TEST(Surrogate, SecondProposal_LiesCloser) {
  Start start(20);
  const auto offsets = start.Propose(2);
  ASSERT_EQ(offsets.size(), 2u);
  double lengths[2] = {};
  for (size_t p = 0; p < 2; ++p) {
    for (double value : offsets[p]) lengths[p] += value * value;
  }
  EXPECT_LT(lengths[1], 0.5 * lengths[0]);
  EXPECT_GT(lengths[1], 0.0);
}

TEST(Surrogate, Failures_PauseForLongerAndLongerUntilASuccess) {
  Start start(20);
  RandomStream stream(4, 5, 6, Draw::kJitter);
  auto add = [&] {
    std::vector<double> x(kDim);
    for (int n = 0; n < 2; ++n) {
      for (double& value : x) value = 0.3 + 0.5 * stream.Normal();
      start.surrogate.Add(x, Ellipsoid(x));
    }
  };
  ASSERT_FALSE(start.Propose(1).empty());
  std::vector<int> pauses;
  for (int failure = 0; failure < 5; ++failure) {
    start.surrogate.Judge(false, start.metric);
    int pause = 0;
    // New points in every step, so that only the pause holds proposals back.
    do {
      add();
      ++pause;
    } while (start.Propose(1).empty() && pause < 100);
    pauses.push_back(pause);
  }
  start.surrogate.Judge(true, start.metric);
  add();
  EXPECT_FALSE(start.Propose(1).empty());
  EXPECT_EQ(pauses, (std::vector<int>{2, 3, 5, 9, 17}));
}

TEST(Surrogate, Unanswered_ProposesAgainOneStepLater) {
  Start start(20);
  const auto first = start.Propose(1);
  for (int hole = 0; hole < 8; ++hole) {
    start.surrogate.TryAgain();
    EXPECT_TRUE(start.Propose(1).empty());
    EXPECT_EQ(start.Propose(1), first);
  }
}

TEST(Surrogate, Success_TurnsTheMetricToTheCurvature) {
  Start start(20);
  ASSERT_FALSE(start.Propose(1).empty());
  start.surrogate.Judge(true, start.metric);
  // The diagonal is where the losses curve most, so it is where the metric is shortest.
  std::vector<double> along(kDim);
  std::vector<double> across(kDim);
  start.metric.Whiten(std::vector<double>(kDim, 1.0), absl::MakeSpan(along));
  start.metric.Whiten(std::vector<double>{1.0, -1.0, 1.0, -1.0}, absl::MakeSpan(across));
  double squares[2] = {};
  for (size_t i = 0; i < kDim; ++i) {
    squares[0] += along[i] * along[i];
    squares[1] += across[i] * across[i];
  }
  EXPECT_NEAR(squares[0] / squares[1], 10.0, 1e-6);
}

TEST(Surrogate, Restored_ProposesTheSameAndRefusesOtherSizes) {
  Start start(60);  // more than are kept
  ASSERT_FALSE(start.Propose(1).empty());
  ByteWriter writer;
  start.surrogate.Save(writer);
  Start same(0);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(same.surrogate.Restore(reader));
  EXPECT_TRUE(reader.AtEnd());
  same.best = start.best;
  same.loss = start.loss;
  for (Start* each : {&start, &same}) {
    each->surrogate.Judge(true, each->metric);
    for (int n = 0; n < 3; ++n) each->surrogate.Add(each->best, each->loss);
  }
  const auto offsets = start.Propose(2);
  EXPECT_EQ(offsets.size(), 2u);
  EXPECT_EQ(offsets, same.Propose(2));

  Surrogate other(kDim + 1);
  ByteReader again(writer.bytes());
  EXPECT_FALSE(other.Restore(again));
}

}  // namespace
}  // namespace polystep
