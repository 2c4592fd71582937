#include "core/method/lattice_minimum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

// A random convex quadratic in n variables.
QuadraticModel RandomModel(size_t n, uint64_t seed) {
  RandomStream stream(seed, 0, 0, Draw::kJitter);
  QuadraticModel model;
  std::vector<double> root(n * n);
  for (double& value : root) value = stream.Normal();
  model.hessian.assign(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    model.gradient.push_back(2.0 * stream.Normal());
    model.hessian[i * n + i] = 0.5;
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k) {
        model.hessian[i * n + j] += root[k * n + i] * root[k * n + j] / static_cast<double>(n);
      }
    }
  }
  return model;
}

LatticeBox Box(size_t lattice, size_t continuous, double cell, double half) {
  LatticeBox box;
  box.cells.assign(lattice, cell);
  box.cells.resize(lattice + continuous, 0.0);
  box.low.assign(lattice + continuous, -half);
  box.high.assign(lattice + continuous, half);
  return box;
}

TEST(LatticeMinimum, ThreeLatticeCoordinates_AreThoseOfTheBestOfAll) {
  int best = 0;
  constexpr int kSeeds = 40;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const QuadraticModel model = RandomModel(3, seed);
    std::vector<double> z;
    ASSERT_TRUE(MinimizeOnLattice(model, Box(3, 0, 0.5, 2.0), z));
    double least = 0.0;
    for (int code = 0; code < 9 * 9 * 9; ++code) {
      const std::vector<double> at = {0.5 * (code % 9) - 2.0, 0.5 * (code / 9 % 9) - 2.0,
                                      0.5 * (code / 81) - 2.0};
      least = std::min(least, model.At(at));
    }
    best += model.At(z) <= least + 1e-9 ? 1 : 0;
  }
  EXPECT_GE(best, kSeeds - 2);  // a descent, not an enumeration
}

TEST(LatticeMinimum, ContinuousCoordinates_AreWhereTheGradientVanishes) {
  const QuadraticModel model = RandomModel(5, 77);
  std::vector<double> z;
  ASSERT_TRUE(MinimizeOnLattice(model, Box(2, 3, 1.0, 50.0), z));
  for (size_t i = 0; i < 5; ++i) {
    double slope = model.gradient[i];
    for (size_t j = 0; j < 5; ++j) slope += model.hessian[i * 5 + j] * z[j];
    if (i < 2) {
      EXPECT_EQ(z[i], std::round(z[i]));
    } else {
      EXPECT_NEAR(slope, 0.0, 1e-9);
    }
  }
}

// 0.05 (n - 3)^2 + (x - n - 1)^2: with x held still, n would stay.
TEST(LatticeMinimum, LatticeCoordinate_MovesAsIfTheContinuousOneFollowed) {
  QuadraticModel model;
  model.gradient = {1.7, -2.0};
  model.hessian = {2.1, -2.0, -2.0, 2.0};
  std::vector<double> z;
  ASSERT_TRUE(MinimizeOnLattice(model, Box(1, 1, 1.0, 9.0), z));
  EXPECT_EQ(z[0], 3.0);
  EXPECT_NEAR(z[1], 4.0, 1e-9);
}

// 10 (n - m)^2 + 0.1 (n + m - 6)^2: no single move gains.
TEST(LatticeMinimum, NarrowValley_IsFollowedByPairs) {
  QuadraticModel model;
  model.gradient = {-1.2, -1.2};
  model.hessian = {20.2, -19.8, -19.8, 20.2};
  std::vector<double> z;
  ASSERT_TRUE(MinimizeOnLattice(model, Box(2, 0, 1.0, 9.0), z));
  EXPECT_EQ(z, (std::vector<double>{3.0, 3.0}));
}

TEST(LatticeMinimum, Box_HoldsEverything) {
  QuadraticModel model = RandomModel(4, 5);
  for (double& slope : model.gradient) slope = -1e3;
  std::vector<double> z;
  ASSERT_TRUE(MinimizeOnLattice(model, Box(2, 2, 0.4, 1.0), z));
  EXPECT_NEAR(z[0], 0.8, 1e-12);
  EXPECT_NEAR(z[1], 0.8, 1e-12);
  for (double value : z) EXPECT_LE(std::fabs(value), 1.0);
}

TEST(LatticeMinimum, ConcaveContinuousPart_StillGoesDown) {
  QuadraticModel model;
  model.gradient = {0.1, 0.0};
  model.hessian = {-1.0, 0.0, 0.0, 1.0};
  LatticeBox box = Box(1, 1, 1.0, 3.0);
  std::swap(box.cells[0], box.cells[1]);
  std::vector<double> z;
  ASSERT_TRUE(MinimizeOnLattice(model, box, z));
  EXPECT_LT(model.At(z), -0.004);
  EXPECT_EQ(z[1], 0.0);
}

}  // namespace
}  // namespace polystep
