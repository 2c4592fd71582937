#include "core/transport/softmax_lanes.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/random_stream.h"
#include "core/transport/transport_weights.h"

namespace polystep {
namespace {

struct Solved {
  bool solved = true;
  std::vector<double> weights;
  std::vector<double> inverse;
  std::vector<double> moves;
};

Solved Solve(SoftmaxKernel kernel, size_t width, double epsilon, const std::vector<double>& rows) {
  Solved result = {true, rows, std::vector<double>(kSoftmaxRows),
                   std::vector<double>(kSoftmaxRows)};
  result.solved =
      kernel(width, epsilon, result.weights.data(), result.inverse.data(), result.moves.data());
  return result;
}

// Row by row.
Solved Expected(size_t width, double epsilon, const std::vector<double>& rows) {
  Solved result = {true, rows, std::vector<double>(kSoftmaxRows),
                   std::vector<double>(kSoftmaxRows)};
  WeightOptions options;
  options.epsilon = epsilon;
  const std::vector<Outcome> outcomes(width, Outcome::kLoss);
  std::vector<double> losses(width);
  std::vector<double> weights(width);
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    for (size_t v = 0; v < width; ++v) losses[v] = rows[v * kSoftmaxRows + l];
    result.inverse[l] =
        TransportWeights(options, {1, static_cast<uint32_t>(width), losses, outcomes}, nullptr,
                         absl::MakeSpan(weights))
            .inverse_divisor;
    for (size_t v = 0; v < width; ++v) {
      result.weights[v * kSoftmaxRows + l] = weights[v];
      result.moves[l] = losses[v] != losses[0] ? 1.0 : result.moves[l];
    }
  }
  return result;
}

void ExpectSameBits(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t n = 0; n < a.size(); ++n) {
    ASSERT_EQ(std::bit_cast<uint64_t>(a[n]), std::bit_cast<uint64_t>(b[n])) << a[n] << " " << b[n];
  }
}

// Of one scale, or over many orders of magnitude; some rows equal, some with equal entries.
std::vector<double> Losses(size_t width, uint32_t trial) {
  RandomStream stream(23, trial, static_cast<uint32_t>(width), Draw::kInitial);
  const double orders = trial % 4 == 0 ? 600.0 : (trial % 4 == 1 ? 90.0 : 1.0);
  std::vector<double> rows(width * kSoftmaxRows);
  for (double& loss : rows) {
    loss = stream.Normal() * std::pow(10.0, orders * (stream.Uniform() - 0.5));
    if (trial % 3 == 1) loss = std::floor(4.0 * loss);
  }
  for (size_t v = 0; v < width; ++v) rows[v * kSoftmaxRows + trial % kSoftmaxRows] = 0.5;
  return rows;
}

void ExpectSame(const Solved& a, const Solved& b) {
  ASSERT_NO_FATAL_FAILURE(ExpectSameBits(a.weights, b.weights));
  ASSERT_NO_FATAL_FAILURE(ExpectSameBits(a.inverse, b.inverse));
  ASSERT_NO_FATAL_FAILURE(ExpectSameBits(a.moves, b.moves));
}

// Losses of 600 orders of magnitude need another unit, which lanes leave to single rows.
TEST(SoftmaxKernels, AnyLosses_BitsOfSingleRows) {
  for (const size_t width : {3u, 4u, 6u, 8u, 16u, 32u}) {
    int solved = 0;
    for (uint32_t trial = 0; trial < 300; ++trial) {
      const std::vector<double> rows = Losses(width, trial);
      for (const double epsilon : {1.0, 0.3, 0.02, 1e-3, 1e-320}) {
        const Solved expected = Expected(width, epsilon, rows);
        const bool solves = Solve(SoftmaxKernels().front(), width, epsilon, rows).solved;
        for (const SoftmaxKernel kernel : SoftmaxKernels()) {
          const Solved actual = Solve(kernel, width, epsilon, rows);
          ASSERT_EQ(actual.solved, solves);
          if (!solves) continue;
          ASSERT_NO_FATAL_FAILURE(ExpectSame(actual, expected));
        }
        solved += solves ? 1 : 0;
        // Of the trials, a quarter have those; an epsilon of 1e-320 has no inverse.
        ASSERT_TRUE(solves || trial % 4 == 0 || epsilon < 1e-300);
      }
    }
    EXPECT_LT(solved, 5 * 300);
  }
}

TEST(SoftmaxLanes, Pairs_BitsOfSingleRows) {
  for (uint32_t trial = 0; trial < 300; ++trial) {
    std::vector<double> rows = Losses(2, trial);
    if (trial % 5 == 0) rows[0] = rows[kSoftmaxRows] + 5e-324;
    if (trial % 10 == 0) rows[1] = rows[kSoftmaxRows + 1] = 0.0;
    if (trial % 10 == 0) rows[1] = 5e-324;  // half of that is nothing
    for (const double epsilon : {1.0, 0.3, 1e-3, 1e-320}) {
      const Solved actual = Solve(SoftmaxLanes, 2, epsilon, rows);
      ASSERT_TRUE(actual.solved);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(actual, Expected(2, epsilon, rows)));
    }
  }
}

}  // namespace
}  // namespace polystep
