// Groups softmax, rec_masked_softmax and other_solvers: tempered is a softmax whose temperature is
// tau, greedy takes the one cheapest vertex.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/transport/top_k.h"
#include "core/transport/transport_weights.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

struct Scaling {
  LossScale scale = LossScale::kNone;
  double constant = 1.0;
};

Scaling ScalingOf(const nlohmann::json& scale_cost) {
  if (scale_cost.is_null()) return {};
  if (scale_cost.is_number()) return {LossScale::kConstant, scale_cost.get<double>()};
  return {scale_cost == "mean" ? LossScale::kMean : LossScale::kMax, 1.0};
}

TEST(GoldenSoftmax, EveryCase_SameAtEveryStage) {
  ASSERT_EQ(GoldenGroup("softmax").size(), 13u);
  for (const auto& golden : GoldenGroup("softmax")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const size_t rows = golden.at("C").size();
    std::vector<double> losses = GoldenNumbers(golden.at("C"));
    const size_t width = losses.size() / rows;
    SanitizeLosses(absl::MakeSpan(losses));
    ExpectClose(losses, GoldenNumbers(golden.at("sanitized")));

    const auto [scale, constant] = ScalingOf(golden.at("scale_cost"));
    const double divisor = MatrixDivisor(scale, constant, losses);
    for (double& loss : losses) loss /= divisor;
    ExpectClose(losses, GoldenNumbers(golden.at("scaled")));

    std::vector<double> weights(losses.size());
    std::vector<double> transport(losses.size());
    double cost = 0.0;
    for (size_t row = 0; row < rows; ++row) {
      RowSoftmax(absl::MakeConstSpan(losses).subspan(row * width, width),
                 golden.at("eps").get<double>(),
                 absl::MakeSpan(weights).subspan(row * width, width));
    }
    for (size_t i = 0; i < weights.size(); ++i) {
      transport[i] = weights[i] / static_cast<double>(rows);
      cost += transport[i] * losses[i];
    }
    ExpectClose(weights, GoldenNumbers(golden.at("row_weights")));
    ExpectClose(transport, GoldenNumbers(golden.at("transport")));
    ExpectClose({cost}, {golden.at("cost").get<double>()});
  }
}

// On finite losses that differ, the service's weights are the reference's.
TEST(GoldenSoftmax, FiniteLosses_TransportWeightsSame) {
  int rows_compared = 0;
  for (const auto& golden : GoldenGroup("softmax")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const std::vector<double> losses = GoldenNumbers(golden.at("C"));
    bool finite = true;
    for (const double loss : losses) finite &= std::isfinite(loss);
    if (!finite) continue;
    const size_t rows = golden.at("C").size();
    const size_t width = losses.size() / rows;
    const auto [scale, constant] = ScalingOf(golden.at("scale_cost"));
    const WeightOptions options = {scale, constant, golden.at("eps").get<double>(), Holes::kAlone};
    const std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
    std::vector<double> weights(losses.size());
    TransportWeights(options,
                     {static_cast<uint32_t>(rows), static_cast<uint32_t>(width), losses, outcomes},
                     nullptr, absl::MakeSpan(weights));
    const std::vector<double> expected = GoldenNumbers(golden.at("row_weights"));
    for (size_t row = 0; row < rows; ++row) {
      const absl::Span<double> actual = absl::MakeSpan(weights).subspan(row * width, width);
      double sum = 0.0;
      for (const double weight : actual) sum += weight;
      if (sum == 0.0) continue;  // equal losses: the row holds, and the reference is uniform
      ExpectClose(actual, absl::MakeConstSpan(expected).subspan(row * width, width));
      ++rows_compared;
    }
  }
  EXPECT_EQ(rows_compared, 10);
}

std::vector<Outcome> OutcomesOf(const nlohmann::json& mask) {
  std::vector<Outcome> outcomes;
  for (const double bit : GoldenNumbers(mask)) {
    outcomes.push_back(bit == 0.0 ? Outcome::kMissing : Outcome::kLoss);
  }
  return outcomes;
}

TEST(GoldenMaskedSoftmax, MissingLosses_NoWeight) {
  for (const auto& golden : GoldenGroup("rec_masked_softmax")) {
    const std::vector<double> losses = GoldenNumbers(golden.at("C"));
    const std::vector<Outcome> outcomes = OutcomesOf(golden.at("mask"));
    const LossMatrix matrix = {1, static_cast<uint32_t>(losses.size()), losses, outcomes};
    std::vector<double> weights(losses.size());
    WeightOptions options = {LossScale::kNone, 1.0, golden.at("eps").get<double>(), Holes::kAlone};
    TransportWeights(options, matrix, nullptr, absl::MakeSpan(weights));
    ExpectClose(weights, GoldenNumbers(golden.at("row_weights")));
    if (!golden.contains("pairwise_row_weights")) continue;
    options.holes = Holes::kAntipodes;
    TransportWeights(options, matrix, nullptr, absl::MakeSpan(weights));
    ExpectClose(weights, GoldenNumbers(golden.at("pairwise_row_weights")));
  }
}

TEST(GoldenTempered, Tau_IsTheTemperature) {
  const auto& golden = GoldenGroup("other_solvers").at("tempered");
  const std::vector<double> losses = GoldenNumbers(golden.at("C"));
  std::vector<double> weights(losses.size());
  RowSoftmax(losses, golden.at("tau").get<double>(), absl::MakeSpan(weights));
  ExpectClose(weights, GoldenNumbers(golden.at("transport")));
}

// Each row has half the mass.
TEST(GoldenTopK, GreedyAndTopTwo_SameTransport) {
  for (const auto& [name, k] : {std::pair{"greedy", 1u}, {"top2", 2u}}) {
    const auto& golden = GoldenGroup("other_solvers").at(name);
    const std::vector<double> losses = GoldenNumbers(golden.at("C"));
    std::vector<double> transport(8);
    for (size_t row = 0; row < 2; ++row) {
      RowTopK(absl::MakeConstSpan(losses).subspan(4 * row, 4), k,
              absl::MakeSpan(transport).subspan(4 * row, 4));
    }
    for (double& mass : transport) mass /= 2.0;
    EXPECT_EQ(transport, GoldenNumbers(golden.at("transport"))) << name;
  }
}

}  // namespace
}  // namespace polystep
