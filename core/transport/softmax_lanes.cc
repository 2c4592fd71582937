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

// Divides each lane of `width` rows by its divisor.
POLYSTEP_INLINE void DivideRows(size_t width, const Lane& divisor, double* rows) {
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) rows[v * kSoftmaxRows + l] /= divisor[l];
  }
}

// The quotient itself, from one that is nearly right, where multiply-add is one operation: the
// remainder says which neighbour is (Markstein, IBM J. Res. Dev. 34, 1990). A division takes as
// long as ten other operations, and those of a row have one divisor. Nothing may under- or
// overflow: for divisors in [2^-500, 2^500] and quotients that are 0 or at least 2^-400.
POLYSTEP_INLINE double FusedQuotient(double x, double divisor, double inverse) {
  const double first = x * inverse;
  const double near = __builtin_fma(__builtin_fma(-first, divisor, x), inverse, first);
  return __builtin_fma(__builtin_fma(-near, divisor, x), inverse, near);
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

// losses - least, halved: the distance of two finite losses can overflow.
POLYSTEP_INLINE void AboveLeast(size_t width, const Lane& least, double* rows) {
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) row[l] = 0.5 * row[l] - 0.5 * least[l];
  }
}

// LossRow::Standardize of what stands above the least losses. The largest is `spread`.
POLYSTEP_INLINE void Standardize(size_t width, const Lane& spread, double* rows, double* inverse) {
  Lane divisor;
  for (size_t l = 0; l < kSoftmaxRows; ++l) divisor[l] = spread[l] > 0.0 ? spread[l] : 1.0;
  DivideRows(width, divisor, rows);
  Lane deviation;
  DeviationLanes(width, rows, deviation);
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const double inverted = 0.5 / spread[l] / deviation[l];
    const bool spreads = deviation[l] > 0.0;
    inverse[l] = spreads ? inverted : 0.0;
    deviation[l] = spreads ? deviation[l] : 1.0;
  }
  DivideRows(width, deviation, rows);
}

// Whether FusedQuotient can be had of rows above their least losses: their spreads have no unusual
// size, and what is above is above by something.
[[maybe_unused]] POLYSTEP_INLINE bool IsOrdinary(size_t width, const double* rows,
                                                 const Lane& spread) {
  Lane odd;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const bool sound = (spread[l] == 0.0) | ((spread[l] >= 0x1p-500) & (spread[l] <= 0x1p500));
    odd[l] = sound ? 0.0 : 1.0;
  }
  for (size_t v = 0; v < width; ++v) {
    const double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      const bool sound = (row[l] == 0.0) | (row[l] >= spread[l] * 0x1p-400);
      odd[l] = sound ? odd[l] : 1.0;
    }
  }
  double any = 0.0;
  for (size_t l = 0; l < kSoftmaxRows; ++l) any += odd[l];
  return any == 0.0;
}

// Standardize of ordinary rows.
[[maybe_unused]] POLYSTEP_INLINE void StandardizeFused(size_t width, const Lane& spread,
                                                       double* rows, double* inverse) {
  Lane divisor;
  Lane inverted;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    divisor[l] = spread[l] > 0.0 ? spread[l] : 1.0;
    inverted[l] = 1.0 / divisor[l];
  }
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      row[l] = FusedQuotient(row[l], divisor[l], inverted[l]);
    }
  }
  Lane deviation;
  DeviationLanes(width, rows, deviation);
  Lane scale;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const bool spreads = deviation[l] > 0.0;
    deviation[l] = spreads ? deviation[l] : 1.0;
    scale[l] = 1.0 / deviation[l];
    const double both = FusedQuotient(0.5 * inverted[l], deviation[l], scale[l]);
    inverse[l] = spreads ? both : 0.0;
  }
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      row[l] = FusedQuotient(row[l], deviation[l], scale[l]);
    }
  }
}

// RowSoftmax of standardised losses, the least of which is 0; zeros where nothing moves.
POLYSTEP_INLINE void Weigh(size_t width, double epsilon, double* rows, const double* moves) {
  const double inverse = 1.0 / epsilon;
  if (IsPowerOfTwo(epsilon)) {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] = -rows[n] * inverse;
  } else {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] = -rows[n] / epsilon;
  }
  for (size_t n = 0; n < width * kSoftmaxRows; ++n) rows[n] = portable::ExpOfNegative(rows[n]);
  Lane sum = {};
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) sum[l] += rows[v * kSoftmaxRows + l];
  }
  DivideRows(width, sum, rows);
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) row[l] = moves[l] > 0.0 ? row[l] : 0.0;
  }
}

// Exponents down to here leave quotients that FusedQuotient can be had of.
constexpr double kLeastExponent = -270.0;

// Weigh where no exponent lies below kLeastExponent.
[[maybe_unused]] POLYSTEP_INLINE void WeighFused(size_t width, double epsilon, double* rows,
                                                 const double* moves) {
  const double inverse = 1.0 / epsilon;
  if (IsPowerOfTwo(epsilon)) {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) {
      rows[n] = portable::ExpOfSmall(-rows[n] * inverse);
    }
  } else {
    for (size_t n = 0; n < width * kSoftmaxRows; ++n) {
      rows[n] = portable::ExpOfSmall(-rows[n] / epsilon);
    }
  }
  Lane sum = {};
  for (size_t v = 0; v < width; ++v) {
    for (size_t l = 0; l < kSoftmaxRows; ++l) sum[l] += rows[v * kSoftmaxRows + l];
  }
  Lane share;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const double inverted = 1.0 / sum[l];
    share[l] = moves[l] > 0.0 ? inverted : 0.0;  // and so are the quotients
  }
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) row[l] = FusedQuotient(row[l], sum[l], share[l]);
  }
}

template <bool kFused>
POLYSTEP_INLINE void Solve(size_t width, double epsilon, double* rows, double* inverse,
                           double* moves) {
  Lane least;
  Lane spread;
  RangeLanes(width, rows, least, spread);
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    moves[l] = spread[l] > least[l] ? 1.0 : 0.0;
    spread[l] = 0.5 * spread[l] - 0.5 * least[l];
  }
  AboveLeast(width, least, rows);
  if constexpr (kFused) {
    if (IsOrdinary(width, rows, spread)) {
      StandardizeFused(width, spread, rows, inverse);
      // Standardised losses lie in [0, sqrt(2 width)].
      if (2.0 * static_cast<double>(width) <= kLeastExponent * kLeastExponent * epsilon * epsilon) {
        WeighFused(width, epsilon, rows, moves);
      } else {
        Weigh(width, epsilon, rows, moves);
      }
      return;
    }
  }
  Standardize(width, spread, rows, inverse);
  Weigh(width, epsilon, rows, moves);
}

// The same of two losses: standardised they are 0 and 2, whatever they are, so all rows share two
// weights. Losses so small that half their distance is 0 weigh alike.
POLYSTEP_WIDE void SolvePairs(double epsilon, double* rows, double* inverse, double* moves) {
  double above = -2.0;
  if (IsPowerOfTwo(epsilon)) {
    above *= 1.0 / epsilon;
  } else {
    above /= epsilon;
  }
  const double rest = portable::ExpOfNegative(above);
  const double most = 1.0 / (1.0 + rest);
  const double least = rest / (1.0 + rest);
  double* const other = rows + kSoftmaxRows;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const double a = rows[l];
    const double b = other[l];
    const bool first = a < b;
    const double spread = first ? 0.5 * b - 0.5 * a : 0.5 * a - 0.5 * b;
    const double inverted = 0.5 / spread * 2.0;
    const bool equal = a == b;
    moves[l] = equal ? 0.0 : 1.0;
    inverse[l] = spread > 0.0 ? inverted : 0.0;
    const double mine = spread > 0.0 ? (first ? most : least) : 0.5;
    const double others = spread > 0.0 ? (first ? least : most) : 0.5;
    rows[l] = equal ? 0.0 : mine;
    other[l] = equal ? 0.0 : others;
  }
}

POLYSTEP_WIDE void SolveDividing(size_t width, double epsilon, double* rows, double* inverse,
                                 double* moves) {
  Solve<false>(width, epsilon, rows, inverse, moves);
}

#ifdef POLYSTEP_AVX512
POLYSTEP_AVX512 void SolveAvx512(size_t width, double epsilon, double* rows, double* inverse,
                                 double* moves) {
  Solve<true>(width, epsilon, rows, inverse, moves);
}

POLYSTEP_AVX2 void SolveAvx2(size_t width, double epsilon, double* rows, double* inverse,
                             double* moves) {
  Solve<true>(width, epsilon, rows, inverse, moves);
}
#endif

}  // namespace

std::vector<SoftmaxKernel> SoftmaxKernels() {
  std::vector<SoftmaxKernel> kernels;
#ifdef POLYSTEP_AVX512
  if (HasAvx512()) kernels.push_back(SolveAvx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(SolveAvx2);
#endif
  kernels.push_back(SolveDividing);
  return kernels;
}

void SoftmaxLanes(size_t width, double epsilon, double* rows, double* inverse, double* moves) {
  static const SoftmaxKernel kFastest = SoftmaxKernels().front();
  if (width == 2) {
    SolvePairs(epsilon, rows, inverse, moves);
  } else {
    kFastest(width, epsilon, rows, inverse, moves);
  }
}

}  // namespace polystep
