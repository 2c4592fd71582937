#include "core/transport/softmax_lanes.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "core/random/portable_inline.h"

namespace polystep {
namespace {

using Lane = double[kSoftmaxRows];

POLYSTEP_INLINE void RangeLanes(size_t width, const double* rows, Lane& least, Lane& most) {
  for (size_t l = 0; l < kSoftmaxRows; ++l) least[l] = most[l] = rows[l];
  for (size_t v = 1; v < width; ++v) {
    const double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      least[l] = row[l] < least[l] ? row[l] : least[l];
      most[l] = most[l] < row[l] ? row[l] : most[l];
    }
  }
}

// x / divisor is x * (1 / divisor) then, in every bit.
bool IsPowerOfTwo(double x) {
  return (std::bit_cast<uint64_t>(x) & 0x000fffffffffffffULL) == 0 && x >= 0x1p-1000 &&
         x <= 0x1p1000;
}

// Divides; rows of an orthoplex have a power of two of losses more often than not.
POLYSTEP_INLINE void DivideLanes(double divisor, Lane& values) {
  const double inverse = 1.0 / divisor;
  if (IsPowerOfTwo(divisor)) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) values[l] *= inverse;
  } else {
    for (size_t l = 0; l < kSoftmaxRows; ++l) values[l] /= divisor;
  }
}

POLYSTEP_INLINE void DeviationLanes(size_t width, const double* rows, Lane& deviation) {
  const double count = static_cast<double>(width);
  Lane mean = {};
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) mean[l] += rows[v * kSoftmaxRows + l];
  }
  Lane squares = {};
  DivideLanes(count, mean);
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      const double apart = rows[v * kSoftmaxRows + l] - mean[l];
      squares[l] += apart * apart;
    }
  }
  DivideLanes(count, squares);
  for (size_t l = 0; l < kSoftmaxRows; ++l) deviation[l] = std::sqrt(squares[l]);
}

// LossRow::Standardize.
POLYSTEP_INLINE void Standardize(size_t width, double* rows, double* inverse, double* moves) {
  Lane least;
  Lane most;
  RangeLanes(width, rows, least, most);
  Lane spread;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    moves[l] = most[l] > least[l] ? 1.0 : 0.0;
    spread[l] = 0.5 * most[l] - 0.5 * least[l];
  }
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      const double above = 0.5 * row[l] - 0.5 * least[l];
      const double share = above / spread[l];
      row[l] = spread[l] > 0.0 ? share : 0.0;
    }
  }
  Lane deviation;
  DeviationLanes(width, rows, deviation);
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const double inverted = 0.5 / spread[l] / deviation[l];
    const bool spreads = deviation[l] > 0.0;
    inverse[l] = spreads ? inverted : 0.0;
    deviation[l] = spreads ? deviation[l] : 1.0;
  }
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) rows[v * kSoftmaxRows + l] /= deviation[l];
  }
}

// -(row - least) / epsilon.
POLYSTEP_INLINE void Exponents(size_t width, double epsilon, const Lane& least, double* rows) {
  const bool exact = IsPowerOfTwo(epsilon);
  const double inverse = 1.0 / epsilon;
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) row[l] = row[l] > least[l] ? least[l] - row[l] : -0.0;
  }
  if (exact) {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] *= inverse;
  } else {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] /= epsilon;
  }
}

// RowSoftmax, and zeros where nothing moves.
POLYSTEP_INLINE void Weigh(size_t width, double epsilon, double* rows, const double* moves) {
  Lane least;
  Lane most;
  RangeLanes(width, rows, least, most);
  Exponents(width, epsilon, least, rows);
  Lane sum = {};
  for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] = portable::ExpOfNegative(rows[n]);
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) sum[l] += rows[v * kSoftmaxRows + l];
  }
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      const double weight = row[l] / sum[l];
      row[l] = moves[l] > 0.0 ? weight : 0.0;
    }
  }
}

POLYSTEP_WIDE void Solve(size_t width, double epsilon, double* rows, double* inverse,
                         double* moves) {
  Standardize(width, rows, inverse, moves);
  Weigh(width, epsilon, rows, moves);
}

}  // namespace

void SoftmaxLanes(size_t width, double epsilon, double* rows, double* inverse, double* moves) {
  Solve(width, epsilon, rows, inverse, moves);
}

}  // namespace polystep
