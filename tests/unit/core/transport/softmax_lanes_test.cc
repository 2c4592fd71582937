#include "core/transport/softmax_lanes.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

struct Solved {
  std::vector<double> weights;
  std::vector<double> inverse;
  std::vector<double> moves;
};

Solved Solve(SoftmaxKernel kernel, size_t width, double epsilon, const std::vector<double>& rows) {
  Solved solved = {rows, std::vector<double>(kSoftmaxRows), std::vector<double>(kSoftmaxRows)};
  kernel(width, epsilon, solved.weights.data(), solved.inverse.data(), solved.moves.data());
  return solved;
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

// The last kernel divides, the others correct quotients by multiply-add.
TEST(SoftmaxKernels, AnyLosses_SameBits) {
  const std::vector<SoftmaxKernel> kernels = SoftmaxKernels();
  for (const size_t width : {2u, 3u, 4u, 6u, 8u, 16u, 32u}) {
    for (uint32_t trial = 0; trial < 300; ++trial) {
      const std::vector<double> rows = Losses(width, trial);
      for (const double epsilon : {1.0, 0.3, 0.02, 1e-3}) {
        const Solved expected = Solve(kernels.back(), width, epsilon, rows);
        for (const SoftmaxKernel kernel : kernels) {
          const Solved solved = Solve(kernel, width, epsilon, rows);
          ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.weights, expected.weights));
          ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.inverse, expected.inverse));
          ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.moves, expected.moves));
        }
      }
    }
  }
}

TEST(SoftmaxLanes, Pairs_BitsOfTheKernels) {
  for (uint32_t trial = 0; trial < 300; ++trial) {
    std::vector<double> rows = Losses(2, trial);
    if (trial % 5 == 0) rows[0] = rows[kSoftmaxRows] + 5e-324;  // half of that is nothing
    for (const double epsilon : {1.0, 0.3, 1e-3, 1e-320}) {
      const Solved expected = Solve(SoftmaxKernels().back(), 2, epsilon, rows);
      const Solved solved = Solve(SoftmaxLanes, 2, epsilon, rows);
      ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.weights, expected.weights));
      ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.inverse, expected.inverse));
      ASSERT_NO_FATAL_FAILURE(ExpectSameBits(solved.moves, expected.moves));
    }
  }
}

}  // namespace
}  // namespace polystep
