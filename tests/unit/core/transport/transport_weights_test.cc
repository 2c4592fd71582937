#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/random_stream.h"
#include "core/transport/softmax.h"

namespace polystep {
namespace {

using ::testing::DoubleEq;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Pointwise;

constexpr uint64_t kSeed = 5;
constexpr Outcome kOk = Outcome::kLoss;
constexpr Outcome kMissing = Outcome::kMissing;
constexpr Outcome kInfeasible = Outcome::kInfeasible;

constexpr LossScale kAllScales[] = {LossScale::kNone,    LossScale::kMean,
                                    LossScale::kMax,     LossScale::kConstant,
                                    LossScale::kRowRank, LossScale::kRowDeviation};

std::vector<double> Weights(const WeightOptions& options, int rows,
                            const std::vector<double>& losses,
                            const std::vector<Outcome>& outcomes) {
  std::vector<double> weights(losses.size(), -1.0);
  TransportWeights(options, rows, static_cast<int>(losses.size()) / rows, losses, outcomes,
                   absl::MakeSpan(weights));
  return weights;
}

std::vector<double> Weights(const WeightOptions& options, const std::vector<double>& losses) {
  return Weights(options, 1, losses, std::vector<Outcome>(losses.size(), kOk));
}

double Sum(const std::vector<double>& weights) {
  double sum = 0.0;
  for (const double weight : weights) sum += weight;
  return sum;
}

std::vector<double> RandomLosses(uint32_t row, size_t count) {
  RandomStream stream(kSeed, 0, row, Draw::kInitial);
  std::vector<double> losses(count);
  for (double& loss : losses) loss = stream.Normal();
  return losses;
}

TEST(TransportWeights, RowDeviation_StandardisedSoftmax) {
  // Mean 2, deviation 1: the scaled losses differ by 2.
  const std::vector<double> weights = Weights({}, {1.0, 3.0});
  const double expected = 1.0 / (1.0 + std::exp(-2.0));
  EXPECT_NEAR(weights[0], expected, 1e-15);
  EXPECT_NEAR(weights[1], 1.0 - expected, 1e-15);
}

TEST(TransportWeights, RowDeviation_LossesTimesPowerOfTwo_SameBits) {
  const std::vector<double> losses = RandomLosses(1, 16);
  const std::vector<double> weights = Weights({}, losses);
  for (const int power : {-900, -60, -1, 1, 7, 300, 1000}) {
    std::vector<double> scaled = losses;
    for (double& loss : scaled) loss = std::ldexp(loss, power);
    EXPECT_EQ(Weights({}, scaled), weights) << "power " << power;
  }
}

TEST(TransportWeights, RowDeviation_ConstantAdded_SameWeights) {
  std::vector<double> losses = RandomLosses(2, 16);
  for (double& loss : losses) loss = std::floor(loss * 1024.0);
  const std::vector<double> weights = Weights({}, losses);
  for (const double constant : {1.0, -1e6, 1e9, 1e12}) {
    std::vector<double> shifted = losses;
    for (double& loss : shifted) loss += constant;
    const std::vector<double> actual = Weights({}, shifted);
    for (size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(actual[i], weights[i], 1e-9);
  }
}

TEST(TransportWeights, RowDeviation_HugeAndTinyLosses_Finite) {
  for (const double unit : {1e-320, 1e-200, 1e200, 1.7e308}) {
    const std::vector<double> weights = Weights({}, {-unit, unit, 0.5 * unit, 0.0});
    EXPECT_NEAR(Sum(weights), 1.0, 1e-12) << unit;
    EXPECT_GT(weights[0], weights[3]);
  }
}

TEST(TransportWeights, RowRank_OnlyTheOrderMatters) {
  const WeightOptions options = {.scale = LossScale::kRowRank};
  const std::vector<double> weights = Weights(options, {1.0, 2.0, 3.0, 4.0});
  EXPECT_EQ(Weights(options, {-1e300, 0.0, 1e-300, 1e300}), weights);
  EXPECT_THAT(Weights(options, {4.0, 1.0, 2.0, 3.0}),
              Pointwise(DoubleEq(), {weights[3], weights[0], weights[1], weights[2]}));
  EXPECT_NEAR(weights[0] / weights[3], std::exp(1.0), 1e-14);
}

TEST(TransportWeights, RowRank_TiesShareTheMeanRank) {
  const WeightOptions options = {.scale = LossScale::kRowRank, .antipodal = false};
  const std::vector<double> weights = Weights(options, {5.0, 7.0, 5.0});
  EXPECT_EQ(weights[0], weights[2]);
  EXPECT_NEAR(weights[0] / weights[1], std::exp(0.75), 1e-14);  // ranks 1/4, 1, 1/4
}

TEST(TransportWeights, EqualLosses_RowHolds) {
  for (const LossScale scale : kAllScales) {
    EXPECT_THAT(Weights({.scale = scale}, {3.0, 3.0, 3.0, 3.0}), Each(0.0));
  }
}

TEST(TransportWeights, NothingUsable_RowHolds) {
  const std::vector<double> losses = {1.0, 2.0, 3.0, 4.0};
  for (const LossScale scale : kAllScales) {
    const WeightOptions options = {.scale = scale};
    EXPECT_THAT(Weights(options, 1, losses, {kMissing, kMissing, kMissing, kMissing}), Each(0.0));
    EXPECT_THAT(Weights(options, 1, losses, {kMissing, kMissing, kOk, kOk}), Each(0.0));
    EXPECT_THAT(Weights(options, 1, losses, {kInfeasible, kInfeasible, kInfeasible, kInfeasible}),
                Each(0.0));
  }
}

TEST(TransportWeights, HoldingRow_OtherRowsUnaffected) {
  const std::vector<double> losses = {1.0, 1.0, 0.0, 2.0};
  const std::vector<double> weights = Weights({}, 2, losses, std::vector<Outcome>(4, kOk));
  const std::vector<double> alone = Weights({}, {0.0, 2.0});
  EXPECT_THAT(weights, ElementsAre(0.0, 0.0, alone[0], alone[1]));
}

TEST(TransportWeights, MissingEntry_MasksItsAntipode) {
  for (const LossScale scale : kAllScales) {
    const std::vector<double> weights = Weights({.scale = scale}, 1, {1.0, 2.0, 7.0, 3.0, 4.0, 5.0},
                                                {kOk, kMissing, kOk, kOk, kOk, kOk});
    EXPECT_EQ(weights[1], 0.0);
    EXPECT_EQ(weights[4], 0.0);
    EXPECT_NEAR(Sum(weights), 1.0, 1e-15);
    EXPECT_GT(weights[0], weights[3]);
  }
}

// What is masked must not be seen: not its loss, nor that of its antipode.
TEST(TransportWeights, MaskedLosses_DoNotMatter) {
  const std::vector<Outcome> outcomes = {kOk, kMissing, kOk, kOk, kOk, kOk};
  for (const LossScale scale : kAllScales) {
    const WeightOptions options = {.scale = scale};
    EXPECT_EQ(Weights(options, 1, {1.0, 2.0, 7.0, 3.0, 4.0, 5.0}, outcomes),
              Weights(options, 1, {1.0, std::nan(""), 7.0, 3.0, 1e30, 5.0}, outcomes));
  }
}

TEST(TransportWeights, InfeasibleEntry_WorstOfItsRow) {
  for (const LossScale scale : kAllScales) {
    const std::vector<double> weights =
        Weights({.scale = scale}, 1, {1.0, -9.0, 2.0, 3.0}, {kOk, kInfeasible, kOk, kOk});
    EXPECT_GT(weights[0], weights[2]);
    EXPECT_GT(weights[2], weights[3]);
    EXPECT_GT(weights[3], weights[1]);
    EXPECT_NEAR(Sum(weights), 1.0, 1e-15);
  }
}

TEST(TransportWeights, InfeasibleEntry_ChangesNoScale) {
  for (const LossScale scale :
       {LossScale::kNone, LossScale::kMean, LossScale::kMax, LossScale::kRowDeviation}) {
    const WeightOptions options = {.scale = scale, .antipodal = false};
    const std::vector<double> without = Weights(options, {1.0, 2.0, 4.0});
    const std::vector<double> with =
        Weights(options, 1, {1.0, 2.0, 4.0, 1e9}, {kOk, kOk, kOk, kInfeasible});
    EXPECT_NEAR(with[0] / with[1], without[0] / without[1], 1e-12);
    EXPECT_NEAR(with[0] / with[2], without[0] / without[2], 1e-12);
    // As far above the worst loss as that is above the best.
    EXPECT_NEAR(with[2] / with[3], with[0] / with[2], 1e-12 * with[0] / with[2]);
  }
}

TEST(TransportWeights, EqualLossesAndInfeasible_PushedAway) {
  for (const LossScale scale : kAllScales) {
    const std::vector<double> weights =
        Weights({.scale = scale}, 1, {2.0, 2.0, 0.0, 2.0}, {kOk, kOk, kInfeasible, kOk});
    EXPECT_EQ(weights[0], weights[1]);
    EXPECT_EQ(weights[0], weights[3]);
    EXPECT_LT(weights[2], weights[0]);
    EXPECT_GT(weights[2], 0.0);
  }
}

TEST(TransportWeights, LowerTemperature_SharperWeights) {
  const std::vector<double> losses = RandomLosses(3, 8);
  double before = 0.0;
  for (const double epsilon : {10.0, 1.0, 0.1, 1e-3, 1e-300}) {
    const std::vector<double> weights = Weights({.epsilon = epsilon}, losses);
    double largest = 0.0;
    for (const double weight : weights) largest = std::max(largest, weight);
    EXPECT_GT(largest, before - 1e-15);
    EXPECT_NEAR(Sum(weights), 1.0, 1e-12);
    before = largest;
  }
  EXPECT_EQ(before, 1.0);
}

TEST(RowSoftmax, InfiniteScaledLosses_NoNaN) {
  const double infinity = HUGE_VAL;
  std::vector<double> weights(3);
  RowSoftmax({-infinity, 0.0, infinity}, 1.0, absl::MakeSpan(weights));
  EXPECT_THAT(weights, ElementsAre(1.0, 0.0, 0.0));
  RowSoftmax({infinity, infinity, infinity}, 1.0, absl::MakeSpan(weights));
  EXPECT_THAT(weights, Each(1.0 / 3.0));
}

TEST(TransportWeights, Violations_StandInOrderBetweenTheLossesAndTheInfeasible) {
  using enum Outcome;
  const std::vector<double> losses = {0.0, -50.0, 2.0, -90.0, 9.0, -70.0};
  const std::vector<Outcome> outcomes = {kLoss,      kViolation,  kLoss,
                                         kViolation, kInfeasible, kViolation};
  const std::vector<double> violations = {0.0, 0.1, 0.0, 7.0, 0.0, 7.0};
  for (const LossScale scale : kAllScales) {
    WeightOptions options{.scale = scale};
    std::vector<double> weights(6);
    TransportWeights(options, 1, 6, losses, outcomes, absl::MakeSpan(weights), violations);
    // Feasible by loss; small violation; of equal violations the smaller loss; infeasible.
    for (const auto& [better, worse] :
         {std::pair(0, 2), std::pair(2, 1), std::pair(1, 3), std::pair(3, 5), std::pair(5, 4)}) {
      EXPECT_GT(weights[better], weights[worse]) << static_cast<int>(scale) << " " << worse;
    }
  }
  // Even steps of the spread, 2, above the largest loss, 2; deviation 1.
  const std::vector<double> placed = [&] {
    std::vector<double> weights(6);
    TransportWeights({}, 1, 6, losses, outcomes, absl::MakeSpan(weights), violations);
    return weights;
  }();
  EXPECT_NEAR(std::log(placed[2] / placed[1]), 0.5, 1e-12);
  EXPECT_NEAR(std::log(placed[2] / placed[4]), 2.0, 1e-12);
}

TEST(TransportWeights, OnlyViolations_RankedAndEqualOnesHold) {
  const std::vector<Outcome> outcomes(4, Outcome::kViolation);
  const std::vector<double> losses = {1.0, 1.0, 1.0, 1.0};
  for (const LossScale scale : kAllScales) {
    WeightOptions options{.scale = scale};
    std::vector<double> weights(4);
    TransportWeights(options, 1, 4, losses, outcomes, absl::MakeSpan(weights),
                     std::vector<double>{4.0, 1.0, 3.0, 2.0});
    EXPECT_NEAR(Sum(weights), 1.0, 1e-12);
    EXPECT_GT(weights[1], weights[3]);
    EXPECT_GT(weights[3], weights[2]);
    EXPECT_GT(weights[2], weights[0]);
    TransportWeights(options, 1, 4, losses, outcomes, absl::MakeSpan(weights),
                     std::vector<double>{4.0, 4.0, 4.0, 4.0});
    EXPECT_THAT(weights, Each(0.0));
  }
}

}  // namespace
}  // namespace polystep
