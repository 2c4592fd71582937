#include "core/method/rank_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

std::vector<Outcome> AllLosses(size_t count) { return std::vector<Outcome>(count, Outcome::kLoss); }

TEST(RankWeights, LowerLoss_WeighsMoreAndTheySumToOne) {
  const std::vector<double> losses = {3.0, 1.0, 2.0, 1e300};
  const RankWeights ranks = WeighByRank(0.25, 4, losses, AllLosses(4));
  EXPECT_FALSE(ranks.flat);
  EXPECT_EQ(ranks.usable, 4u);
  EXPECT_GT(ranks.weights[1], ranks.weights[2]);
  EXPECT_GT(ranks.weights[2], ranks.weights[0]);
  EXPECT_GT(ranks.weights[0], ranks.weights[3]);
  EXPECT_NEAR(ranks.weights[1] / ranks.weights[2], std::exp(1.0 / (3 * 0.25)), 1e-12);
  double sum = 0.0;
  for (double w : ranks.weights) sum += w;
  EXPECT_NEAR(sum, 1.0, 1e-15);
}

TEST(RankWeights, Units_DoNotMatter) {
  const std::vector<double> losses = {3.0, -1.0, 2.0, 7.0, 0.0, 5.0};
  std::vector<double> scaled = losses;
  for (double& loss : scaled) loss = 1e6 + 1e-3 * loss;
  EXPECT_EQ(WeighByRank(0.25, 6, losses, AllLosses(6)).weights,
            WeighByRank(0.25, 6, scaled, AllLosses(6)).weights);
}

TEST(RankWeights, Ties_ShareTheirMeanWeight) {
  const RankWeights ranks =
      WeighByRank(0.25, 4, std::vector<double>{1.0, 2.0, 1.0, 3.0}, AllLosses(4));
  EXPECT_EQ(ranks.weights[0], ranks.weights[2]);
  const RankWeights untied =
      WeighByRank(0.25, 4, std::vector<double>{1.0, 2.0, 1.5, 3.0}, AllLosses(4));
  EXPECT_NEAR(ranks.weights[0], (untied.weights[0] + untied.weights[2]) / 2.0, 1e-15);
}

TEST(RankWeights, MissingVertex_HasTheMeanWeight) {
  std::vector<Outcome> outcomes = AllLosses(8);
  outcomes[1] = Outcome::kMissing;  // row 0, antipode 3
  const std::vector<double> losses = {4, 0, 3, 0.5, 2, 1, 0, 5};
  const RankWeights ranks = WeighByRank(0.25, 4, losses, outcomes);
  EXPECT_EQ(ranks.usable, 7u);
  double answered = 0.0;
  for (size_t i = 0; i < 8; ++i) answered += i == 1 ? 0.0 : ranks.weights[i];
  EXPECT_NEAR(ranks.weights[1], answered / 7.0, 1e-15);
  EXPECT_NEAR(answered + ranks.weights[1], 1.0, 1e-15);
}

TEST(RankWeights, MissingPair_TakesNoPart) {
  std::vector<Outcome> outcomes = AllLosses(8);
  outcomes[4] = outcomes[6] = Outcome::kMissing;
  const RankWeights ranks =
      WeighByRank(0.25, 4, std::vector<double>{4, 0, 3, 1, 0, 2, 0, 5}, outcomes);
  EXPECT_EQ(ranks.usable, 6u);
  EXPECT_EQ(ranks.weights[4], 0.0);
  EXPECT_EQ(ranks.weights[6], 0.0);
}

// Which candidates are missing is chance, so a hole must not move a center that has no slope.
TEST(RankWeights, HolesInRandomRanks_DoNotPushAndKeepTheSecondMoment) {
  std::vector<double> losses = {0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<Outcome> outcomes = AllLosses(8);
  outcomes[0] = outcomes[2] = Outcome::kMissing;  // antipodes 4 and 6
  RandomStream stream(2, 0, 0, Draw::kJitter);
  double push = 0.0;
  double square = 0.0;
  constexpr int kRounds = 20'000;
  for (int n = 0; n < kRounds; ++n) {
    for (size_t i = losses.size() - 1; i > 0; --i) {
      std::swap(losses[i], losses[static_cast<size_t>(stream.Uniform() * double(i + 1))]);
    }
    const std::vector<double> w = WeighByRank(0.25, 8, losses, outcomes).weights;
    push += w[4] - w[0] + w[6] - w[2];
    for (size_t j = 0; j < 4; ++j) square += (w[j] - w[j + 4]) * (w[j] - w[j + 4]);
  }
  EXPECT_NEAR(push / kRounds, 0.0, 0.01);
  EXPECT_NEAR(WeighByRank(0.25, 8, losses, outcomes).neutral_second_moment, square / kRounds,
              0.01 * square / kRounds);
}

TEST(RankWeights, Infeasible_RanksBelowEveryLoss) {
  std::vector<Outcome> outcomes = AllLosses(4);
  outcomes[0] = outcomes[3] = Outcome::kInfeasible;
  const RankWeights ranks =
      WeighByRank(0.25, 4, std::vector<double>{-9.0, 1e12, 5.0, -99.0}, outcomes);
  EXPECT_EQ(ranks.weights[0], ranks.weights[3]);
  EXPECT_LT(ranks.weights[0], ranks.weights[1]);
}

TEST(RankWeights, EqualLossesOrNone_AreFlat) {
  EXPECT_TRUE(WeighByRank(0.25, 2, std::vector<double>{1.0, 1.0}, AllLosses(2)).flat);
  const RankWeights none = WeighByRank(0.25, 2, std::vector<double>{1.0, 2.0},
                                       std::vector<Outcome>(2, Outcome::kMissing));
  EXPECT_TRUE(none.flat);
  EXPECT_EQ(none.usable, 0u);
}

TEST(RankWeights, NeutralSecondMoment_IsTheMeanOverRandomRanks) {
  std::vector<double> losses = {0, 1, 2, 3, 4, 4, 6, 7};
  RandomStream stream(1, 0, 0, Draw::kJitter);
  double sum = 0.0;
  constexpr int kRounds = 20'000;
  for (int n = 0; n < kRounds; ++n) {
    for (size_t i = losses.size() - 1; i > 0; --i) {
      std::swap(losses[i], losses[static_cast<size_t>(stream.Uniform() * double(i + 1))]);
    }
    const std::vector<double> w = WeighByRank(0.25, 8, losses, AllLosses(8)).weights;
    for (size_t j = 0; j < 4; ++j) sum += (w[j] - w[j + 4]) * (w[j] - w[j + 4]);
  }
  EXPECT_NEAR(WeighByRank(0.25, 8, losses, AllLosses(8)).neutral_second_moment, sum / kRounds,
              0.01 * sum / kRounds);
}

TEST(EffectiveMass, HotRanks_CountEverybody) {
  EXPECT_NEAR(EffectiveMass(1e9, 10), 10.0, 1e-6);
  EXPECT_NEAR(EffectiveMass(1e-3, 10), 1.0, 1e-6);
}

TEST(WeighByRank, Violations_RankBehindEveryLossByViolationThenLoss) {
  using enum Outcome;
  const std::vector<Outcome> outcomes = {kViolation, kLoss,      kInfeasible,
                                         kViolation, kViolation, kLoss};
  const RankWeights ranks =
      WeighByRank(0.25, 6, std::vector<double>{-1.0, 8.0, 0.0, -9.0, 5.0, 9.0}, outcomes,
                  std::vector<double>{0.5, 0.0, 0.0, 2.0, 0.5, 0.0});
  const std::vector<double> plain =
      WeighByRank(0.25, 6, std::vector<double>{2.0, 0.0, 5.0, 4.0, 3.0, 1.0}, AllLosses(6)).weights;
  EXPECT_EQ(ranks.weights, plain);
}

}  // namespace
}  // namespace polystep
