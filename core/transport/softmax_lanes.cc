#include "core/transport/softmax_lanes.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/base/vectors.h"
#include "core/random/portable_inline.h"
#include "core/transport/loss_row.h"
#include "core/transport/softmax.h"

namespace polystep {
namespace {

using Lane = double[kSoftmaxRows];

// Of the lanes that Four takes.
template <typename V>
constexpr size_t kStride = 4 * sizeof(V) / sizeof(double);

template <typename V>
POLYSTEP_INLINE V Lesser(V a, V b) {
  return b < a ? b : a;  // one operation, unlike what else is compared
}

template <typename V>
POLYSTEP_INLINE Four<V> Lesser(const Four<V>& x, const Four<V>& y) {
  return {Lesser(x.a, y.a), Lesser(x.b, y.b), Lesser(x.c, y.c), Lesser(x.d, y.d)};
}

template <typename V>
POLYSTEP_INLINE Four<V> Inverse(const Four<V>& x) {
  return {1.0 / x.a, 1.0 / x.b, 1.0 / x.c, 1.0 / x.d};
}

// Losses above the row's least, in place; returns their sums.
template <typename V>
POLYSTEP_INLINE Four<V> AboveLeast(size_t width, double* rows) {
  Four<V> least = LoadFour<V>(rows);
  for (size_t v = 1; v < width; ++v) least = Lesser(least, LoadFour<V>(rows + v * kSoftmaxRows));
  Four<V> sum = {};
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    const Four<V> above = LoadFour<V>(row) - least;
    StoreFour(above, row);
    sum = sum + above;
  }
  return sum;
}

template <typename V>
POLYSTEP_INLINE Four<V> Variance(size_t width, const Four<V>& sum, const double* rows) {
  const double share = 1.0 / static_cast<double>(width);
  const Four<V> mean = sum * share;
  Four<V> squares = {};
  for (size_t v = 0; v < width; ++v) {
    const Four<V> apart = LoadFour<V>(rows + v * kSoftmaxRows) - mean;
    squares = squares + apart * apart;
  }
  return squares * share;
}

// 2^factor of what is scaled by `scale`, in place; returns the sums.
template <typename V>
POLYSTEP_INLINE Four<V> Powers(size_t width, double factor, const Four<V>& scale, double* rows) {
  Four<V> sum = {};
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    const Four<V> power = portable::PowerOfTwoTo(LoadFour<V>(row) * scale * factor);
    StoreFour(power, row);
    sum = sum + power;
  }
  return sum;
}

// The same where powers may lie below kLeastPower, of all rows.
POLYSTEP_INLINE void DeepPowers(size_t width, double factor, const double* scale, double* rows,
                                double* sums) {
  for (size_t l = 0; l < kSoftmaxRows; ++l) sums[l] = 0.0;
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    for (size_t l = 0; l < kSoftmaxRows; ++l) {
      const double exponent = row[l] * scale[l] * factor;
      const double power = portable::PowerOfTwoTo(exponent);
      row[l] = exponent < kLeastPower ? 0.0 : power;
      sums[l] += row[l];
    }
  }
}

// What rows are multiplied by, and which of them move. False if one of them is not ordinary.
template <typename V>
POLYSTEP_INLINE bool Standardize(size_t width, double* rows, double* inverse, double* moves) {
  Lane sums;
  Lane variances;
  for (size_t l = 0; l < kSoftmaxRows; l += kStride<V>) {
    const Four<V> sum = AboveLeast<V>(width, rows + l);
    const Four<V> variance = Variance(width, sum, rows + l);
    StoreFour(sum, sums + l);
    StoreFour(variance, variances + l);
    StoreFour(portable::InverseRoot(variance), inverse + l);
  }
  uint64_t odd = 0;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const bool moving = sums[l] > 0.0;
    const bool sound = (variances[l] >= kLeastVariance) & (variances[l] <= kMostVariance);
    moves[l] = moving ? 1.0 : 0.0;
    inverse[l] = moving ? inverse[l] : 0.0;
    odd |= (moving & !sound) ? uint64_t{1} : uint64_t{0};
  }
  return odd == 0;
}

// Powers to weights; no row that holds moves.
template <typename V>
POLYSTEP_INLINE void Normalize(size_t width, const Four<V>& sum, const double* moves,
                               double* rows) {
  const Four<V> share = Inverse(sum) * LoadFour<V>(moves);
  for (size_t v = 0; v < width; ++v) {
    double* const row = rows + v * kSoftmaxRows;
    StoreFour(LoadFour<V>(row) * share, row);
  }
}

// Standardised losses of a row lie in [0, sqrt(2 width)].
template <typename V>
POLYSTEP_INLINE bool SolveRows(size_t width, double epsilon, double* rows, double* inverse,
                               double* moves) {
  const double factor = SoftmaxFactor(epsilon);
  if (!std::isfinite(factor)) return false;
  const bool shallow =
      factor * factor * 2.0 * static_cast<double>(width) <= 0.99 * kLeastPower * kLeastPower;
  if (!Standardize<V>(width, rows, inverse, moves)) return false;
  Lane sums;
  if (!shallow) DeepPowers(width, factor, inverse, rows, sums);
  for (size_t l = 0; l < kSoftmaxRows; l += kStride<V>) {
    const Four<V> sum =
        shallow ? Powers(width, factor, LoadFour<V>(inverse + l), rows + l) : LoadFour<V>(sums + l);
    Normalize(width, sum, moves + l, rows + l);
  }
  return true;
}

// The same of two losses: standardised they are 0 and 2, whatever they are, so all rows share two
// weights.
POLYSTEP_WIDE void SolvePairs(double most, double least, double* rows, double* inverse,
                              double* moves) {
  double* const other = rows + kSoftmaxRows;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    const double a = rows[l];
    const double b = other[l];
    const bool first = a < b;
    const double apart = first ? 0.5 * b - 0.5 * a : 0.5 * a - 0.5 * b;
    const bool equal = a == b;
    moves[l] = equal ? 0.0 : 1.0;
    const double inverted = 1.0 / apart;
    inverse[l] = apart > 0.0 ? inverted : 0.0;
    const double mine = first ? most : least;
    const double others = first ? least : most;
    rows[l] = equal ? 0.0 : mine;
    other[l] = equal ? 0.0 : others;
  }
}

bool SolveNarrow(size_t width, double epsilon, double* rows, double* inverse, double* moves) {
  return SolveRows<Doubles2>(width, epsilon, rows, inverse, moves);
}

#ifdef POLYSTEP_AVX512
POLYSTEP_AVX512 bool SolveAvx512(size_t width, double epsilon, double* rows, double* inverse,
                                 double* moves) {
  return SolveRows<Doubles8>(width, epsilon, rows, inverse, moves);
}

POLYSTEP_AVX2 bool SolveAvx2(size_t width, double epsilon, double* rows, double* inverse,
                             double* moves) {
  return SolveRows<Doubles4>(width, epsilon, rows, inverse, moves);
}
#endif

}  // namespace

std::vector<SoftmaxKernel> SoftmaxKernels() {
  std::vector<SoftmaxKernel> kernels;
#ifdef POLYSTEP_AVX512
  if (HasAvx512()) kernels.push_back(SolveAvx512);
  if (HasAvx2()) kernels.push_back(SolveAvx2);
#endif
  kernels.push_back(SolveNarrow);
  return kernels;
}

bool SoftmaxLanes(size_t width, double epsilon, double* rows, double* inverse, double* moves) {
  static const SoftmaxKernel kFastest = SoftmaxKernels().front();
  if (width != 2) return kFastest(width, epsilon, rows, inverse, moves);
  const double standardised[] = {0.0, 2.0};
  double weights[2];
  RowSoftmax(standardised, epsilon, weights);
  SolvePairs(weights[0], weights[1], rows, inverse, moves);
  return true;
}

}  // namespace polystep
