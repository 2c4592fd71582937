#include "core/frames/rotation.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace polystep {
namespace {

constexpr uint64_t kSeed = 77;

// Largest deviation of the rows' inner products from the identity.
double OrthonormalityError(const std::vector<double>& rows, size_t count, size_t d) {
  double worst = 0.0;
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = 0; b <= a; ++b) {
      double dot = 0.0;
      for (size_t i = 0; i < d; ++i) dot += rows[a * d + i] * rows[b * d + i];
      worst = std::max(worst, std::fabs(dot - (a == b ? 1.0 : 0.0)));
    }
  }
  return worst;
}

double Determinant3(const std::vector<double>& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
         m[2] * (m[3] * m[7] - m[4] * m[6]);
}

TEST(HaarRotation, ManyDimensions_Orthonormal) {
  for (const int dim : {1, 2, 3, 8, 16, 100}) {
    RandomStream stream(kSeed, 0, static_cast<uint32_t>(dim), Draw::kRotation);
    std::vector<double> rotation(static_cast<size_t>(dim * dim));
    HaarRotation(dim, stream, absl::MakeSpan(rotation));
    EXPECT_LT(OrthonormalityError(rotation, dim, dim), 1e-14 * (dim + 10)) << "dim " << dim;
  }
}

TEST(HaarRotation, ThreeDimensions_ProperAndUniform) {
  const int count = 20000;
  std::vector<double> mean(9, 0.0);
  std::vector<double> square(9, 0.0);
  for (int row = 0; row < count; ++row) {
    RandomStream stream(kSeed, 1, static_cast<uint32_t>(row), Draw::kRotation);
    std::vector<double> rotation(9);
    HaarRotation(3, stream, absl::MakeSpan(rotation));
    ASSERT_NEAR(Determinant3(rotation), 1.0, 1e-12);
    for (int i = 0; i < 9; ++i) {
      mean[i] += rotation[i] / count;
      square[i] += rotation[i] * rotation[i] / count;
    }
  }
  // Haar entries have mean 0 and variance 1/3 (square: variance 4/45).
  for (int i = 0; i < 9; ++i) {
    EXPECT_NEAR(mean[i], 0.0, 5.0 * std::sqrt(1.0 / 3.0 / count)) << "seed " << kSeed;
    EXPECT_NEAR(square[i], 1.0 / 3.0, 5.0 * std::sqrt(4.0 / 45.0 / count)) << "seed " << kSeed;
  }
}

TEST(RotationFromGaussian, NegativeDeterminant_FirstColumnNegated) {
  const std::vector<double> reflection = {0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0};
  std::vector<double> rotation(9);
  RotationFromGaussian(3, reflection, absl::MakeSpan(rotation));
  EXPECT_EQ(rotation, (std::vector<double>{0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0}));
}

TEST(RotationFromGaussian, DependentColumns_StillRotation) {
  for (const std::vector<double>& matrix :
       {std::vector<double>(9, 1.0), std::vector<double>(9, 0.0),
        std::vector<double>{1.0, 2.0, 1e-14, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0}}) {
    std::vector<double> rotation(9);
    RotationFromGaussian(3, matrix, absl::MakeSpan(rotation));
    EXPECT_LT(OrthonormalityError(rotation, 3, 3), 1e-13);
    EXPECT_NEAR(Determinant3(rotation), 1.0, 1e-13);
  }
}

// Columns that differ by 1e-9: one pass of Gram-Schmidt alone leaves an error of some 1e-7.
TEST(RotationFromGaussian, NearlyDependentColumns_Orthonormal) {
  const size_t d = 6;
  std::vector<double> matrix(d * d, 1.0);
  RandomStream stream(kSeed, 2, 0, Draw::kRotation);
  for (double& value : matrix) value += 1e-9 * stream.Normal();
  std::vector<double> rotation(d * d);
  RotationFromGaussian(static_cast<int>(d), matrix, absl::MakeSpan(rotation));
  EXPECT_LT(OrthonormalityError(rotation, d, d), 1e-14);
}

TEST(OrthonormalFrame, FewDirectionsInManyDimensions_Orthonormal) {
  const int dim = 1000;
  const int count = 12;
  RandomStream stream(kSeed, 3, 0, Draw::kFrame);
  std::vector<double> frame(static_cast<size_t>(dim * count));
  OrthonormalFrame(dim, count, stream, absl::MakeSpan(frame));
  EXPECT_LT(OrthonormalityError(frame, count, dim), 1e-14);
}

// Both handednesses occur: a full frame is Haar on O(d), not on SO(d).
TEST(OrthonormalFrame, FullFrames_BothOrientations) {
  int positive = 0;
  for (uint32_t row = 0; row < 200; ++row) {
    RandomStream stream(kSeed, 4, row, Draw::kFrame);
    std::vector<double> frame(9);
    OrthonormalFrame(3, 3, stream, absl::MakeSpan(frame));
    if (Determinant3(frame) > 0.0) ++positive;
  }
  EXPECT_GT(positive, 60);
  EXPECT_LT(positive, 140);
}

// A change of these bits changes every trajectory: it needs a new algorithm revision.
TEST(HaarRotation, FixedKey_FixedBits) {
  RandomStream stream(42, 7, 1, Draw::kRotation);
  std::vector<double> rotation(64);
  HaarRotation(8, stream, absl::MakeSpan(rotation));
  uint64_t hash = 14695981039346656037ULL;
  for (const double value : rotation) {
    hash = (hash ^ std::bit_cast<uint64_t>(value)) * 1099511628211ULL;
  }
  EXPECT_EQ(hash, 0x4c9c37f9fb5401a0ULL);
}

}  // namespace
}  // namespace polystep
