#include "core/frames/reflection_lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace polystep {
namespace {

constexpr uint64_t kSeed = 17;

ReflectionLanes Drawn(int dim, uint32_t first_row) {
  ReflectionLanes reflections(dim);
  reflections.Draw({kSeed, 3, first_row, Draw::kRotation});
  return reflections;
}

std::vector<double> Matrices(int dim, uint32_t first_row) {
  std::vector<double> matrices(static_cast<size_t>(dim * dim) * kLanes);
  Drawn(dim, first_row).Matrices(absl::MakeSpan(matrices));
  return matrices;
}

// Matrix of one lane.
std::vector<double> Lane(const std::vector<double>& lanes, size_t lane) {
  std::vector<double> one;
  for (size_t n = lane; n < lanes.size(); n += kLanes) one.push_back(lanes[n]);
  return one;
}

double Determinant(std::vector<double> m, size_t d) {
  double determinant = 1.0;
  for (size_t c = 0; c < d; ++c) {
    size_t pivot = c;
    for (size_t r = c; r < d; ++r) {
      if (std::fabs(m[r * d + c]) > std::fabs(m[pivot * d + c])) pivot = r;
    }
    if (pivot != c) {
      determinant = -determinant;
      for (size_t k = 0; k < d; ++k) std::swap(m[pivot * d + k], m[c * d + k]);
    }
    determinant *= m[c * d + c];
    for (size_t r = c + 1; r < d; ++r) {
      const double factor = m[r * d + c] / m[c * d + c];
      for (size_t k = c; k < d; ++k) m[r * d + k] -= factor * m[c * d + k];
    }
  }
  return determinant;
}

TEST(ReflectionLanes, AllDimensions_ProperRotations) {
  for (int dim = 2; dim <= 16; ++dim) {
    const size_t d = static_cast<size_t>(dim);
    for (uint32_t row = 0; row < 10 * kLanes; row += kLanes) {
      const std::vector<double> lanes = Matrices(dim, row);
      for (size_t l = 0; l < kLanes; ++l) {
        const std::vector<double> m = Lane(lanes, l);
        for (size_t i = 0; i < d; ++i) {
          for (size_t j = 0; j < d; ++j) {
            double dot = 0.0;
            for (size_t k = 0; k < d; ++k) dot += m[i * d + k] * m[j * d + k];
            ASSERT_NEAR(dot, i == j ? 1.0 : 0.0, 1e-14) << "dim " << dim;
          }
        }
        ASSERT_NEAR(Determinant(m, d), 1.0, 1e-13) << "dim " << dim;
      }
    }
  }
}

TEST(ReflectionLanes, AllDimensions_TurnAsTheMatricesDo) {
  for (int dim = 2; dim <= 16; ++dim) {
    const size_t d = static_cast<size_t>(dim);
    const std::vector<double> matrices = Matrices(dim, 32);
    std::vector<double> x(d * kLanes);
    for (size_t n = 0; n < x.size(); ++n) x[n] = std::sin(static_cast<double>(n));
    std::vector<double> turned = x;
    Drawn(dim, 32).Turn(absl::MakeSpan(turned));
    for (size_t l = 0; l < kLanes; ++l) {
      for (size_t i = 0; i < d; ++i) {
        double sum = 0.0;
        for (size_t j = 0; j < d; ++j) {
          sum += matrices[(i * d + j) * kLanes + l] * x[j * kLanes + l];
        }
        ASSERT_NEAR(turned[i * kLanes + l], sum, 1e-14) << "dim " << dim;
      }
    }
  }
}

TEST(ReflectionLanes, EveryForm_SameBits) {
  for (int dim = 2; dim <= 16; ++dim) {
    const size_t d = static_cast<size_t>(dim);
    std::vector<double> expected(d * kLanes);
    for (size_t n = 0; n < expected.size(); ++n) expected[n] = std::sin(static_cast<double>(n));
    const std::vector<double> before = expected;
    const std::vector<double> matrices = Matrices(dim, 32);
    Drawn(dim, 32).Turn(absl::MakeSpan(expected));
    for (size_t form = 0; form < ReflectionLanes::Forms(); ++form) {
      ReflectionLanes reflections(dim, form);
      reflections.Draw({kSeed, 3, 32, Draw::kRotation});
      std::vector<double> turned = before;
      reflections.Turn(absl::MakeSpan(turned));
      ASSERT_EQ(turned, expected) << "dim " << dim << " form " << form;
      std::vector<double> whole(matrices.size());
      reflections.Matrices(absl::MakeSpan(whole));
      ASSERT_EQ(whole, matrices) << "dim " << dim << " form " << form;
    }
  }
}

// Haar elements have mean 0 and mean square 1/d, the square of variance 2 (d - 1) / (d^2 (d + 2));
// products of two elements of a row or column have mean 0 and variance near 1/d^2.
TEST(ReflectionLanes, ManyRows_MomentsOfHaar) {
  for (const int dim : {3, 4, 5, 8, 16}) {
    const size_t d = static_cast<size_t>(dim);
    const uint32_t count = 20'000;
    std::vector<double> mean(d * d, 0.0);
    std::vector<double> square(d * d, 0.0);
    std::vector<double> product(d * d, 0.0);
    for (uint32_t row = 0; row < count; row += kLanes) {
      const std::vector<double> lanes = Matrices(dim, row);
      for (size_t l = 0; l < kLanes; ++l) {
        for (size_t n = 0; n < d * d; ++n) {
          const double element = lanes[n * kLanes + l];
          mean[n] += element / count;
          square[n] += element * element / count;
          product[n] += element * lanes[(n + 1) % (d * d) * kLanes + l] / count;
        }
      }
    }
    const double size = static_cast<double>(dim);
    const double spread = std::sqrt(2.0 * (size - 1.0) / (size * size * (size + 2.0)) / count);
    for (size_t n = 0; n < d * d; ++n) {
      EXPECT_NEAR(mean[n], 0.0, 5.0 * std::sqrt(1.0 / size / count)) << "dim " << dim;
      EXPECT_NEAR(square[n], 1.0 / size, 5.0 * spread) << "dim " << dim;
      EXPECT_NEAR(product[n], 0.0, 5.0 / size / std::sqrt(count)) << "dim " << dim;
    }
  }
}

// Of two components of a uniform direction the angle is uniform: that of each column, counted in 64
// equal parts of the turn.
TEST(ReflectionLanes, ManyRows_EveryColumnUniformInAngle) {
  constexpr size_t kParts = 64;
  constexpr uint32_t kRows = 32'000;
  for (const int dim : {2, 3, 4, 8, 16}) {
    const size_t d = static_cast<size_t>(dim);
    std::vector<std::array<double, kParts>> counts(d);
    for (uint32_t row = 0; row < kRows; row += kLanes) {
      const std::vector<double> lanes = Matrices(dim, row);
      for (size_t n = 0; n < d * kLanes; ++n) {
        // The last two rows, of which column j is n / kLanes.
        const double x = lanes[(d - 2) * d * kLanes + n];
        const double y = lanes[(d - 1) * d * kLanes + n];
        const double turns = std::atan2(y, x) / 6.283185307179586 + 0.5;
        const auto part = static_cast<size_t>(turns * double{kParts});
        counts[n / kLanes][std::min(part, kParts - 1)] += 1.0;
      }
    }
    for (size_t j = 0; j < d; ++j) {
      double chi_square = 0.0;
      const double expected = double{kRows} / double{kParts};
      for (const double count : counts[j]) {
        chi_square += (count - expected) * (count - expected) / expected;
      }
      // 63 +- 11.2: five standard deviations.
      EXPECT_LT(chi_square, 63.0 + 5.0 * 11.2) << "dim " << dim << " column " << j;
      EXPECT_GT(chi_square, 63.0 - 4.5 * 11.2) << "dim " << dim << " column " << j;
    }
  }
}

// Archimedes: every component of a direction in three dimensions is uniform.
TEST(ReflectionLanes, ThreeDimensions_UniformComponents) {
  constexpr size_t kParts = 50;
  constexpr uint32_t kRows = 40'000;
  std::array<std::array<double, kParts>, 9> counts = {};
  for (uint32_t row = 0; row < kRows; row += kLanes) {
    const std::vector<double> lanes = Matrices(3, row);
    for (size_t n = 0; n < lanes.size(); ++n) {
      const auto part = static_cast<size_t>((lanes[n] + 1.0) * 0.5 * double{kParts});
      counts[n / kLanes][std::min(part, kParts - 1)] += 1.0;
    }
  }
  for (const std::array<double, kParts>& component : counts) {
    double chi_square = 0.0;
    const double expected = double{kRows} / double{kParts};
    for (const double count : component) {
      chi_square += (count - expected) * (count - expected) / expected;
    }
    EXPECT_LT(chi_square, 49.0 + 5.0 * 9.9);
  }
}

// FNV-1a over the bits: every build and machine gets these.
TEST(ReflectionLanes, FixedKey_FixedBits) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (int dim = 2; dim <= 16; ++dim) {
    for (uint32_t row = 0; row < 4 * kLanes; row += kLanes) {
      for (const double value : Matrices(dim, row)) {
        hash = (hash ^ std::bit_cast<uint64_t>(value)) * 0x100000001b3ULL;
      }
    }
  }
  EXPECT_EQ(hash, 10288111135746481492U);
}

}  // namespace
}  // namespace polystep
