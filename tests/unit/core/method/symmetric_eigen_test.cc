#include "core/method/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/frames/rotation.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

// Q diag(values) Q^T of a random rotation Q.
std::vector<double> Composed(const std::vector<double>& values, uint64_t seed) {
  const size_t n = values.size();
  std::vector<double> q(n * n);
  RandomStream stream(seed, 0, 0, Draw::kRotation);
  HaarRotation(static_cast<int>(n), stream, absl::MakeSpan(q));
  std::vector<double> matrix(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k) matrix[i * n + j] += q[i * n + k] * values[k] * q[j * n + k];
    }
  }
  return matrix;
}

TEST(SymmetricEigen, RandomMatrices_AreTakenApartAndPutTogether) {
  for (size_t n : {1u, 2u, 3u, 7u, 20u, 60u}) {
    SCOPED_TRACE(n);
    std::vector<double> wanted(n);
    for (size_t i = 0; i < n; ++i) wanted[i] = std::pow(10.0, -6.0 * double(i) / double(n));
    const std::vector<double> matrix = Composed(wanted, n);
    std::vector<double> work = matrix;
    std::vector<double> basis(n * n);
    std::vector<double> values(n);
    SymmetricEigen(absl::MakeSpan(work), absl::MakeSpan(basis), absl::MakeSpan(values));
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        double dot = 0.0;
        double entry = 0.0;
        for (size_t k = 0; k < n; ++k) {
          dot += basis[k * n + i] * basis[k * n + j];
          entry += basis[i * n + k] * values[k] * basis[j * n + k];
        }
        EXPECT_NEAR(dot, i == j ? 1.0 : 0.0, 1e-13);
        EXPECT_NEAR(entry, matrix[i * n + j], 1e-13);
      }
    }
    std::sort(values.begin(), values.end(), std::greater<>());
    for (size_t i = 0; i < n; ++i) EXPECT_NEAR(values[i], wanted[i], 1e-12);
  }
}

TEST(SymmetricEigen, ScaleOfTheMatrix_DoesNotMatter) {
  for (double scale : {1e-200, 1.0, 1e200}) {
    std::vector<double> matrix = {2.0 * scale, scale, scale, 2.0 * scale};
    std::vector<double> basis(4);
    std::vector<double> values(2);
    ASSERT_TRUE(
        SymmetricEigen(absl::MakeSpan(matrix), absl::MakeSpan(basis), absl::MakeSpan(values)));
    EXPECT_NEAR(std::max(values[0], values[1]) / scale, 3.0, 1e-14);
    EXPECT_NEAR(std::min(values[0], values[1]) / scale, 1.0, 1e-14);
  }
}

TEST(SymmetricEigen, EqualEigenvaluesAndManyZeros_Converge) {
  const size_t n = 40;
  std::vector<double> wanted(n, 0.0);
  for (size_t i = 0; i < n / 2; ++i) wanted[i] = 1.0;
  std::vector<double> matrix = Composed(wanted, 8);
  std::vector<double> basis(n * n);
  std::vector<double> values(n);
  ASSERT_TRUE(
      SymmetricEigen(absl::MakeSpan(matrix), absl::MakeSpan(basis), absl::MakeSpan(values)));
  std::sort(values.begin(), values.end(), std::greater<>());
  for (size_t i = 0; i < n; ++i) EXPECT_NEAR(values[i], wanted[i], 1e-13);
}

TEST(SymmetricEigen, NotFinite_IsRefused) {
  for (double bad : {std::nan(""), HUGE_VAL}) {
    std::vector<double> matrix = {1.0, bad, bad, 1.0};
    std::vector<double> basis(4, 7.0);
    std::vector<double> values(2, 7.0);
    EXPECT_FALSE(
        SymmetricEigen(absl::MakeSpan(matrix), absl::MakeSpan(basis), absl::MakeSpan(values)));
    EXPECT_EQ(basis, std::vector<double>(4, 7.0));
  }
}

TEST(SymmetricEigen, ZeroAndDiagonal_AreLeftAlone) {
  std::vector<double> matrix = {0.0, 0.0, 0.0, 5.0};
  std::vector<double> basis(4);
  std::vector<double> values(2);
  SymmetricEigen(absl::MakeSpan(matrix), absl::MakeSpan(basis), absl::MakeSpan(values));
  EXPECT_EQ(values, (std::vector<double>{0.0, 5.0}));
  EXPECT_EQ(basis, (std::vector<double>{1.0, 0.0, 0.0, 1.0}));
  matrix.assign(4, 0.0);
  EXPECT_TRUE(
      SymmetricEigen(absl::MakeSpan(matrix), absl::MakeSpan(basis), absl::MakeSpan(values)));
  EXPECT_EQ(values, (std::vector<double>{0.0, 0.0}));
}

}  // namespace
}  // namespace polystep
