#include "core/method/normal_equations.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace polystep {
namespace {

// Rows of R that are taken off the rest of the matrix at once.
constexpr size_t kPanel = 64;
static_assert(kPanel % kTile == 0);

// Takes the rows [first, first + kTile) apart, given that earlier rows were subtracted from them.
bool FactorRows(size_t first, NormalEquations& equations) {
  const size_t size = equations.size;
  double* side = equations.side.data();
  for (size_t k = first; k < first + kTile; ++k) {
    double* row = equations.matrix.data() + k * size;
    if (!(row[k] > 0.0) || !std::isfinite(row[k])) return false;
    const double inverse = 1.0 / std::sqrt(row[k]);
    for (size_t j = k; j < size; ++j) row[j] *= inverse;
    side[k] *= inverse;
    for (size_t i = k + 1; i < size; ++i) side[i] -= row[i] * side[k];
    for (size_t i = k + 1; i < first + kTile; ++i) {
      double* target = equations.matrix.data() + i * size;
      const double factor = row[i];
      for (size_t j = i; j < size; ++j) target[j] -= factor * row[j];
    }
  }
  return true;
}

// R, in the upper triangle; the side becomes R^-T side.
bool Factor(NormalEquations& equations) {
  const TileProduct& product = WidestTileProduct();
  const size_t size = equations.size;
  double* a = equations.matrix.data();
  Strips panel(std::min(kPanel, size), size);
  // The `count` rows of the panel, taken off the tiles of the rows [row, row + kTile).
  auto subtract = [&](size_t count, size_t row) {
    for (size_t s = row / kTile; s < size / kTile; ++s) {
      product.subtract(count, panel.Strip(row / kTile), panel.Strip(s), a + row * size + s * kTile,
                       size);
    }
  };
  for (size_t first = 0; first < size; first += kPanel) {
    const size_t last = std::min(size, first + kPanel);
    for (size_t row = first; row < last; row += kTile) {
      subtract(row - first, row);
      if (!FactorRows(row, equations)) return false;
      for (size_t k = row; k < row + kTile; ++k) {
        panel.SetRow(k - first, row, a + k * size);
      }
    }
    for (size_t row = last; row < size; row += kTile) subtract(last - first, row);
  }
  return true;
}

}  // namespace

void Strips::SetRow(size_t row, size_t first, const double* values) {
  for (size_t j = first; j * rows_ < entries_.size(); j += kTile) {
    std::memcpy(entries_.data() + j * rows_ + row * kTile, values + j, kTile * sizeof(double));
  }
}

NormalEquations::NormalEquations(size_t unknowns)
    : size((unknowns + kTile - 1) / kTile * kTile), matrix(size * size, 0.0), side(size, 0.0) {
  for (size_t i = unknowns; i < size; ++i) matrix[i * size + i] = 1.0;
}

void AddGram(size_t rows, const Strips& a, const Strips& b, NormalEquations& equations) {
  const TileProduct& product = WidestTileProduct();
  const size_t size = equations.size;
  for (size_t row = 0; row < size; row += kTile) {
    for (size_t s = row / kTile; s < size / kTile; ++s) {
      product.add(rows, a.Strip(row / kTile), b.Strip(s),
                  equations.matrix.data() + row * size + s * kTile, size);
    }
  }
}

bool Solve(NormalEquations& equations) {
  if (!Factor(equations)) return false;
  const size_t size = equations.size;
  double* solution = equations.side.data();
  for (size_t k = size; k-- > 0;) {
    const double* row = equations.matrix.data() + k * size;
    double sum = solution[k];
    for (size_t j = k + 1; j < size; ++j) sum -= row[j] * solution[j];
    solution[k] = sum / row[k];
  }
  return true;
}

}  // namespace polystep
