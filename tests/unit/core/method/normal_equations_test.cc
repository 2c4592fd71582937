#include "core/method/normal_equations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

// More than one panel, and a rest that fills no tile.
constexpr size_t kUnknowns = 77;

// G^T G + 1 of a random G, with a side.
NormalEquations RandomEquations(uint64_t seed) {
  NormalEquations equations(kUnknowns);
  RandomStream stream(seed, 0, 0, Draw::kJitter);
  std::vector<double> g(kUnknowns * kUnknowns);
  for (double& value : g) value = stream.Normal();
  for (size_t i = 0; i < kUnknowns; ++i) {
    equations.side[i] = stream.Normal();
    for (size_t j = i; j < kUnknowns; ++j) {
      double sum = i == j ? 1.0 : 0.0;
      for (size_t k = 0; k < kUnknowns; ++k) sum += g[k * kUnknowns + i] * g[k * kUnknowns + j];
      equations.matrix[i * equations.size + j] = sum;
    }
  }
  return equations;
}

// Row after row of R, each taken off all later ones at once.
std::vector<double> SolvedInOneLoop(NormalEquations equations) {
  const size_t size = equations.size;
  std::vector<double>& a = equations.matrix;
  std::vector<double>& x = equations.side;
  for (size_t k = 0; k < size; ++k) {
    const double inverse = 1.0 / std::sqrt(a[k * size + k]);
    for (size_t j = k; j < size; ++j) a[k * size + j] *= inverse;
    x[k] *= inverse;
    for (size_t i = k + 1; i < size; ++i) {
      x[i] -= a[k * size + i] * x[k];
      for (size_t j = i; j < size; ++j) a[i * size + j] -= a[k * size + i] * a[k * size + j];
    }
  }
  for (size_t k = size; k-- > 0;) {
    for (size_t j = k + 1; j < size; ++j) x[k] -= a[k * size + j] * x[j];
    x[k] /= a[k * size + k];
  }
  return x;
}

TEST(NormalEquations, Tiles_GiveTheBitsOfOneLoop) {
  NormalEquations equations = RandomEquations(1);
  const std::vector<double> wanted = SolvedInOneLoop(equations);
  ASSERT_TRUE(Solve(equations));
  EXPECT_EQ(equations.side, wanted);
}

TEST(NormalEquations, Solution_SolvesTheSystem) {
  const NormalEquations equations = RandomEquations(2);
  NormalEquations solved = equations;
  ASSERT_TRUE(Solve(solved));
  for (size_t i = 0; i < kUnknowns; ++i) {
    double sum = 0.0;
    for (size_t j = 0; j < kUnknowns; ++j) {
      sum += equations.matrix[std::min(i, j) * equations.size + std::max(i, j)] * solved.side[j];
    }
    EXPECT_NEAR(sum, equations.side[i], 1e-9);
  }
}

TEST(NormalEquations, Indefinite_IsRefused) {
  NormalEquations equations = RandomEquations(3);
  equations.matrix[70 * equations.size + 70] = -1.0;
  EXPECT_FALSE(Solve(equations));
  equations = RandomEquations(3);
  equations.matrix[5 * equations.size + 70] = std::nan("");
  EXPECT_FALSE(Solve(equations));
}

TEST(NormalEquations, Gram_SumsRowsInTheirOrder) {
  constexpr size_t kRows = 5;
  NormalEquations equations(kUnknowns);
  Strips left(kRows, equations.size);
  Strips right(kRows, equations.size);
  RandomStream stream(4, 0, 0, Draw::kJitter);
  std::vector<std::vector<double>> rows(kRows, std::vector<double>(equations.size, 0.0));
  for (size_t m = 0; m < kRows; ++m) {
    for (size_t i = 0; i < kUnknowns; ++i) rows[m][i] = stream.Normal();
    right.SetRow(m, 0, rows[m].data());
    std::vector<double> weighted = rows[m];
    for (double& value : weighted) value *= 2.0;
    left.SetRow(m, 0, weighted.data());
  }
  AddGram(kRows - 1, left, right, equations);
  for (size_t i = 0; i < kUnknowns; ++i) {
    for (size_t j = i; j < kUnknowns; ++j) {
      double sum = 0.0;
      for (size_t m = 0; m + 1 < kRows; ++m) sum += 2.0 * rows[m][i] * rows[m][j];
      EXPECT_EQ(equations.matrix[i * equations.size + j], sum);
    }
  }
}

}  // namespace
}  // namespace polystep
