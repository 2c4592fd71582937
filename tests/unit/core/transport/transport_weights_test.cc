#include "core/transport/transport_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/random_stream.h"
#include "core/transport/softmax_lanes.h"

namespace polystep {
namespace {

using ::testing::DoubleEq;
using ::testing::DoubleNear;
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
  const auto count = static_cast<uint32_t>(rows);
  Duals duals;
  TransportWeights(options, {count, static_cast<uint32_t>(losses.size()) / count, losses, outcomes},
                   &duals, absl::MakeSpan(weights));
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
  const WeightOptions options = {.scale = LossScale::kRowRank, .holes = Holes::kAlone};
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
    const WeightOptions options = {.scale = scale, .holes = Holes::kAlone};
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

// Losses equal where they are known: no hole may cause a drift, whatever the frame.
TEST(TransportWeights, EqualLossesAndHole_NoDriftInAnyFrame) {
  const struct {
    Holes holes;
    std::vector<std::vector<double>> vertices;
  } frames[] = {{Holes::kAntipodes, {{1, 0}, {0, 1}, {-1, 0}, {0, -1}}},
                {Holes::kOpposites, {{1, 1}, {-1, 1}, {1, -1}, {-1, -1}}},
                {Holes::kMean, {{1, 0}, {-0.5, 0.8660254037844386}, {-0.5, -0.8660254037844386}}}};
  for (const auto& frame : frames) {
    for (const LossScale scale : kAllScales) {
      std::vector<double> losses(frame.vertices.size(), 2.0);
      std::vector<Outcome> outcomes(losses.size(), kOk);
      outcomes[1] = kMissing;
      // One loss differs by so little that only a bias could move the particle.
      losses[0] = 2.0 + 1e-9;
      const std::vector<double> weights =
          Weights({.scale = scale, .epsilon = 1e6, .holes = frame.holes}, 1, losses, outcomes);
      for (size_t j = 0; j < 2; ++j) {
        double drift = 0.0;
        for (size_t v = 0; v < losses.size(); ++v) drift += weights[v] * frame.vertices[v][j];
        EXPECT_NEAR(drift, 0.0, 1e-5);
      }
    }
  }
}

TEST(TransportWeights, MeanHole_WeighsLikeTheMeanOfTheRow) {
  const WeightOptions options = {.scale = LossScale::kNone, .holes = Holes::kMean};
  const std::vector<double> filled = Weights(options, {1.0, 3.0, 2.0});
  EXPECT_EQ(Weights(options, 1, {1.0, 3.0, 99.0}, {kOk, kOk, kMissing}), filled);
}

TEST(TransportWeights, Summary_IsTheMeanInverseDivisorOfTheRowsThatMove) {
  const std::vector<double> losses = {0.0, 4.0, 0.0, 8.0, 5.0, 5.0};
  const std::vector<Outcome> outcomes(6, kOk);
  const auto inverse = [&](LossScale scale, double constant) {
    std::vector<double> weights(6);
    return TransportWeights({.scale = scale, .constant = constant}, {3, 2, losses, outcomes},
                            nullptr, absl::MakeSpan(weights))
        .inverse_divisor;
  };
  EXPECT_EQ(inverse(LossScale::kNone, 1.0), 1.0);
  EXPECT_EQ(inverse(LossScale::kConstant, 4.0), 0.25);
  EXPECT_EQ(inverse(LossScale::kMax, 1.0), 1.0 / 8.0);
  EXPECT_NEAR(inverse(LossScale::kMean, 1.0), 6.0 / 22.0, 1e-15);
  EXPECT_EQ(inverse(LossScale::kRowDeviation, 1.0), 0.5 * (1.0 / 2.0 + 1.0 / 4.0));
  EXPECT_EQ(inverse(LossScale::kRowRank, 1.0), 0.0);
}

TEST(TransportWeights, TopK_SharesAmongTheCheapest) {
  const WeightOptions options = {.solver = Solver::kTopK, .top_k = 2};
  EXPECT_THAT(Weights(options, {4.0, 1.0, 3.0, 2.0}), ElementsAre(0.0, 0.5, 0.0, 0.5));
  EXPECT_THAT(Weights(options, {3.0, 3.0, 3.0, 2.0}), ElementsAre(0.5, 0.0, 0.0, 0.5));
  EXPECT_THAT(Weights(options, 1, {4.0, 1.0, 3.0, 2.0}, {kOk, kMissing, kOk, kOk}),
              ElementsAre(0.5, 0.0, 0.5, 0.0));
}

TEST(TransportWeights, CoupledSolvers_HoldingRowTakesNoPart) {
  const std::vector<double> losses = {1.0, 2.0, 3.0, 5.0, 7.0, 7.0, 7.0, 7.0, 4.0, 1.0, 2.0, 0.0};
  std::vector<double> others = losses;
  others.erase(others.begin() + 4, others.begin() + 8);
  for (const Solver solver : {Solver::kSinkhorn, Solver::kKlSoftmax}) {
    const WeightOptions options = {.solver = solver};
    std::vector<double> weights = Weights(options, 3, losses, std::vector<Outcome>(12, kOk));
    EXPECT_THAT(std::vector<double>(weights.begin() + 4, weights.begin() + 8), Each(0.0));
    weights.erase(weights.begin() + 4, weights.begin() + 8);
    EXPECT_THAT(weights, Pointwise(DoubleNear(1e-6),
                                   Weights(options, 2, others, std::vector<Outcome>(8, kOk))));
  }
}

TEST(TransportWeights, CoupledSolvers_MaskedPairHasNoWeightAndRowsSumToOne) {
  for (const Solver solver : {Solver::kSinkhorn, Solver::kKlSoftmax}) {
    const std::vector<double> weights =
        Weights({.solver = solver}, 2, {1.0, 2.0, 3.0, 5.0, 4.0, 1.0, 2.0, 0.0},
                {kOk, kMissing, kOk, kOk, kOk, kOk, kInfeasible, kOk});
    EXPECT_EQ(weights[1], 0.0);
    EXPECT_EQ(weights[3], 0.0);
    EXPECT_NEAR(weights[0] + weights[2], 1.0, 1e-15);
    EXPECT_NEAR(weights[4] + weights[5] + weights[6] + weights[7], 1.0, 1e-15);
    for (const double weight : weights) EXPECT_TRUE(std::isfinite(weight));
  }
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
    TransportWeights(options, {1, 6, losses, outcomes, violations}, nullptr,
                     absl::MakeSpan(weights));
    // Feasible by loss; small violation; of equal violations the smaller loss; infeasible.
    for (const auto& [better, worse] :
         {std::pair(0, 2), std::pair(2, 1), std::pair(1, 3), std::pair(3, 5), std::pair(5, 4)}) {
      EXPECT_GT(weights[better], weights[worse]) << static_cast<int>(scale) << " " << worse;
    }
  }
  // Even steps of the spread, 2, above the largest loss, 2; deviation 1.
  const std::vector<double> placed = [&] {
    std::vector<double> weights(6);
    TransportWeights({}, {1, 6, losses, outcomes, violations}, nullptr, absl::MakeSpan(weights));
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
    TransportWeights(options, {1, 4, losses, outcomes, std::vector<double>{4.0, 1.0, 3.0, 2.0}},
                     nullptr, absl::MakeSpan(weights));
    EXPECT_NEAR(Sum(weights), 1.0, 1e-12);
    EXPECT_GT(weights[1], weights[3]);
    EXPECT_GT(weights[3], weights[2]);
    EXPECT_GT(weights[2], weights[0]);
    TransportWeights(options, {1, 4, losses, outcomes, std::vector<double>{4.0, 4.0, 4.0, 4.0}},
                     nullptr, absl::MakeSpan(weights));
    EXPECT_THAT(weights, Each(0.0));
  }
}

// Rows of losses are solved kSoftmaxRows at a time, those with holes and the last ones alone.
TEST(TransportWeights, ManyRows_BitsOfRowsAlone) {
  const double scales[] = {1.0, 1e-300, 1e300, 5e-324};
  for (const size_t width : {1u, 2u, 3u, 4u, 17u, 32u}) {
    const uint32_t rows = 12 * kSoftmaxRows + 5;
    std::vector<double> losses;
    for (uint32_t row = 0; row < rows; ++row) {
      const std::vector<double> some = RandomLosses(row, width);
      for (const double loss : some) {
        const double wide = row % 7 == 3 ? std::copysign(loss * loss * loss * loss, loss) : loss;
        losses.push_back(row % 11 == 5 ? 0.25 : std::floor(8.0 * wide) * scales[row % 4]);
      }
    }
    std::vector<Outcome> outcomes(losses.size(), kOk);
    for (const uint32_t row : {20u, 70u}) outcomes[row * width] = kMissing;
    for (const double epsilon : {1.0, 1e-3, 1e-320}) {
      const WeightOptions options = {.epsilon = epsilon, .holes = Holes::kAlone};
      const std::vector<double> together = Weights(options, rows, losses, outcomes);
      for (uint32_t row = 0; row < rows; ++row) {
        const auto at = losses.begin() + static_cast<int64_t>(row * width);
        const auto end = at + static_cast<int64_t>(width);
        const auto kind = outcomes.begin() + static_cast<int64_t>(row * width);
        const std::vector<double> alone =
            Weights(options, 1, {at, end}, {kind, kind + static_cast<int64_t>(width)});
        for (size_t v = 0; v < width; ++v) {
          ASSERT_EQ(std::bit_cast<uint64_t>(together[row * width + v]),
                    std::bit_cast<uint64_t>(alone[v]))
              << "width " << width << " row " << row << " epsilon " << epsilon;
        }
      }
    }
  }
}

}  // namespace
}  // namespace polystep
