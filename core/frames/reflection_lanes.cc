#include "core/frames/reflection_lanes.h"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/vectors.h"
#include "core/base/wide.h"
#include "core/random/coarse_normal_lanes.h"
#include "core/random/portable_inline.h"

namespace polystep {
namespace {

constexpr size_t kMostDims = 16;

template <typename V>
constexpr size_t kEntries = sizeof(V) / sizeof(double);

// What a turn reads.
struct Reflections {
  size_t dim;
  const double* directions;
  const double* firsts;
  const double* inverses;
};

// Loops over the components of a reflection are unrolled: their ends cannot be predicted.
template <size_t n>
using Components = std::make_index_sequence<n>;

// Squares of w_2 and on, in place of w_1 and 1 / beta, whose lanes are then made alike.
template <typename V, size_t... kRest>
POLYSTEP_INLINE void SquaresOfRest(std::index_sequence<kRest...>, const double* direction,
                                   double* first, double* squares) {
  for (size_t l = 0; l < kLanes; l += kEntries<V>) {
    V sum = {};
    const V rest[] = {LoadVector<V>(direction + (kRest + 1) * kLanes + l)...};
    ((sum += rest[kRest] * rest[kRest]), ...);
    StoreVector(sum, squares + l);
    StoreVector(LoadVector<V>(direction + l), first + l);
  }
}

template <typename V, size_t n = 2>
POLYSTEP_INLINE void AllSquares(size_t dim, const double* direction, double* firsts,
                                double* squares) {
  SquaresOfRest<V>(Components<n - 1>(), direction, firsts, squares);
  if constexpr (n < kMostDims) {
    if (n < dim) {
      AllSquares<V, n + 1>(dim, direction + n * kLanes, firsts + kLanes, squares + kLanes);
    }
  }
}

// Without a direction, or with one along e_1, that of the identity.
POLYSTEP_INLINE double InverseBeta(double square) {
  return square > 0.0 ? 2.0 * portable::Reciprocal(square) : 0.0;
}

template <typename V>
POLYSTEP_INLINE void Prepare(size_t dim, const double* directions, double* firsts,
                             double* inverses) {
  AllSquares<V>(dim, directions, firsts, inverses);
  // Those of a plane may be any that are uniform: w is the direction itself.
  for (size_t n = 0; n < kLanes; ++n) {
    inverses[n] = InverseBeta(inverses[n] + firsts[n] * firsts[n]);
  }
  for (size_t n = kLanes; n < (dim - 1) * kLanes; ++n) {
    const double rest = inverses[n];
    const double g = firsts[n];
    const double w = g - static_cast<double>(std::sqrt(static_cast<float>(rest + g * g)));
    firsts[n] = w;
    inverses[n] = InverseBeta(rest + w * w);
  }
}

// Two vectors of lanes, whose reflections take turns: each waits for the one before.
template <typename V, size_t kDim>
struct Both {
  V a[kDim];
  V b[kDim];
};

// One reflection of the last components of x. Even and odd ones are summed apart, as additions wait
// for each other.
template <typename V, size_t kDim, size_t... kRest>
POLYSTEP_INLINE void ReflectOnce(std::index_sequence<kRest...>, const double* direction,
                                 const double* first, const double* inverse, Both<V, kDim>& x) {
  constexpr size_t kBegin = kDim - sizeof...(kRest) - 1;
  constexpr size_t kNext = kEntries<V>;
  V even_a = LoadVector<V>(first) * x.a[kBegin];
  V even_b = LoadVector<V>(first + kNext) * x.b[kBegin];
  V odd_a = {};
  V odd_b = {};
  (((kRest % 2 == 1 ? even_a : odd_a) +=
    LoadVector<V>(direction + (kRest + 1) * kLanes) * x.a[kBegin + 1 + kRest],
    (kRest % 2 == 1 ? even_b : odd_b) +=
    LoadVector<V>(direction + (kRest + 1) * kLanes + kNext) * x.b[kBegin + 1 + kRest]),
   ...);
  const V along_a = (even_a + odd_a) * LoadVector<V>(inverse);
  const V along_b = (even_b + odd_b) * LoadVector<V>(inverse + kNext);
  x.a[kBegin] -= along_a * LoadVector<V>(first);
  x.b[kBegin] -= along_b * LoadVector<V>(first + kNext);
  ((x.a[kBegin + 1 + kRest] -= along_a * LoadVector<V>(direction + (kRest + 1) * kLanes),
    x.b[kBegin + 1 + kRest] -= along_b * LoadVector<V>(direction + (kRest + 1) * kLanes + kNext)),
   ...);
}

// By rising n, lanes l and on.
template <typename V, size_t kDim, size_t... kN>
POLYSTEP_INLINE void ReflectAll(std::index_sequence<kN...>, const Reflections& reflections,
                                size_t l, Both<V, kDim>& x) {
  // Direction n = kN + 2 comes after those of 2 to n - 1 components.
  (ReflectOnce(Components<kN + 1>(),
               reflections.directions + ((kN + 1) * (kN + 2) / 2 - 1) * kLanes + l,
               reflections.firsts + kN * kLanes + l, reflections.inverses + kN * kLanes + l, x),
   ...);
}

template <typename V, size_t... kAll>
POLYSTEP_INLINE void TurnLanes(std::index_sequence<kAll...>, const Reflections& reflections,
                               double* lanes) {
  constexpr size_t kDim = sizeof...(kAll);
  for (size_t l = 0; l < kLanes; l += 2 * kEntries<V>) {
    double* const next = lanes + kEntries<V>;
    Both<V, kDim> x = {{LoadVector<V>(lanes + kAll * kLanes + l)...},
                       {LoadVector<V>(next + kAll * kLanes + l)...}};
    if constexpr (kDim % 2 == 0) {
      x.a[kDim - 1] = -x.a[kDim - 1];
      x.b[kDim - 1] = -x.b[kDim - 1];
    }
    ReflectAll(Components<kDim - 1>(), reflections, l, x);
    (StoreVector(x.a[kAll], lanes + kAll * kLanes + l), ...);
    (StoreVector(x.b[kAll], next + kAll * kLanes + l), ...);
  }
}

// kDim is reflections.dim.
template <typename V, size_t kDim = 2>
POLYSTEP_INLINE void TurnVectors(const Reflections& reflections, double* lanes) {
  if (reflections.dim == kDim) {
    TurnLanes<V>(Components<kDim>(), reflections, lanes);
  } else if constexpr (kDim < kMostDims) {
    TurnVectors<V, kDim + 1>(reflections, lanes);
  }
}

// ReflectOnce of n components that are `stride` apart.
template <typename V>
POLYSTEP_INLINE void ReflectVector(const double* direction, size_t n, size_t stride, V first,
                                   V inverse, double* x) {
  V even = V{} + first * LoadVector<V>(x);
  V odd = {};
  size_t i = 1;
  for (; i + 2 <= n; i += 2) {
    odd += LoadVector<V>(direction + i * kLanes) * LoadVector<V>(x + i * stride);
    even += LoadVector<V>(direction + (i + 1) * kLanes) * LoadVector<V>(x + (i + 1) * stride);
  }
  if (i < n) odd += LoadVector<V>(direction + i * kLanes) * LoadVector<V>(x + i * stride);
  const V along = (even + odd) * inverse;
  StoreVector<V>(LoadVector<V>(x) - along * first, x);
  for (i = 1; i < n; ++i) {
    const V w = LoadVector<V>(direction + i * kLanes);
    StoreVector<V>(LoadVector<V>(x + i * stride) - along * w, x + i * stride);
  }
}

template <typename V>
POLYSTEP_INLINE void TurnColumns(const Reflections& reflections, size_t columns, double* x) {
  const size_t dim = reflections.dim;
  const size_t stride = columns * kLanes;
  if (columns == 1) {
    TurnVectors<V>(reflections, x);
    return;
  }
  if (dim % 2 == 0) {
    double* const last = x + (dim - 1) * stride;
    for (size_t n = 0; n < stride; ++n) last[n] = -last[n];
  }
  const double* direction = reflections.directions;
  for (size_t n = 2; n <= dim; ++n) {
    // Of a whole matrix, which began as the identity, the columns before have zeros there.
    const size_t begin = columns == dim ? dim - n : 0;
    const double* const first = reflections.firsts + (n - 2) * kLanes;
    const double* const inverse = reflections.inverses + (n - 2) * kLanes;
    for (size_t c = begin; c < columns; ++c) {
      double* const column = x + (dim - n) * stride + c * kLanes;
      for (size_t l = 0; l < kLanes; l += kEntries<V>) {
        ReflectVector(direction + l, n, stride, LoadVector<V>(first + l),
                      LoadVector<V>(inverse + l), column + l);
      }
    }
    direction += n * kLanes;
  }
}

}  // namespace

struct ReflectionKernel {
  void (*prepare)(size_t dim, const double* directions, double* firsts, double* inverses);
  void (*turn)(const Reflections& reflections, size_t columns, double* x);
};

namespace {

void PrepareNarrow(size_t dim, const double* directions, double* firsts, double* inverses) {
  Prepare<Doubles2>(dim, directions, firsts, inverses);
}
void TurnNarrow(const Reflections& reflections, size_t columns, double* x) {
  TurnColumns<Doubles2>(reflections, columns, x);
}

#ifdef POLYSTEP_AVX512
POLYSTEP_AVX512 void PrepareAvx512(size_t dim, const double* directions, double* firsts,
                                   double* inverses) {
  Prepare<Doubles8>(dim, directions, firsts, inverses);
}
POLYSTEP_AVX512 void TurnAvx512(const Reflections& reflections, size_t columns, double* x) {
  TurnColumns<Doubles8>(reflections, columns, x);
}

POLYSTEP_AVX2 void PrepareAvx2(size_t dim, const double* directions, double* firsts,
                               double* inverses) {
  Prepare<Doubles4>(dim, directions, firsts, inverses);
}
POLYSTEP_AVX2 void TurnAvx2(const Reflections& reflections, size_t columns, double* x) {
  TurnColumns<Doubles4>(reflections, columns, x);
}
#endif

// The fastest first.
std::vector<ReflectionKernel> MakeKernels() {
  std::vector<ReflectionKernel> kernels;
#ifdef POLYSTEP_AVX512
  if (HasAvx512()) kernels.push_back({PrepareAvx512, TurnAvx512});
  if (HasAvx2()) kernels.push_back({PrepareAvx2, TurnAvx2});
#endif
  kernels.push_back({PrepareNarrow, TurnNarrow});
  return kernels;
}

const std::vector<ReflectionKernel>& Kernels() {
  static const std::vector<ReflectionKernel> kKernels = MakeKernels();
  return kKernels;
}

}  // namespace

size_t ReflectionLanes::Forms() { return Kernels().size(); }

ReflectionLanes::ReflectionLanes(int dim, size_t form)
    : dim_(static_cast<size_t>(dim)),
      kernel_(&Kernels()[form]),
      directions_((dim_ * (dim_ + 1) / 2 - 1) * kLanes),
      firsts_((dim_ - 1) * kLanes),
      inverses_((dim_ - 1) * kLanes) {}

void ReflectionLanes::Draw(const RowStreams& streams) {
  CoarseNormalLanes(streams, directions_.size() / kLanes, directions_.data());
  kernel_->prepare(dim_, directions_.data(), firsts_.data(), inverses_.data());
}

void ReflectionLanes::Turn(absl::Span<double> x) const {
  kernel_->turn({dim_, directions_.data(), firsts_.data(), inverses_.data()}, 1, x.data());
}

void ReflectionLanes::Matrices(absl::Span<double> matrices) const {
  for (double& element : matrices) element = 0.0;
  for (size_t i = 0; i < dim_; ++i) {
    for (size_t l = 0; l < kLanes; ++l) matrices[(i * dim_ + i) * kLanes + l] = 1.0;
  }
  kernel_->turn({dim_, directions_.data(), firsts_.data(), inverses_.data()}, dim_,
                matrices.data());
}

}  // namespace polystep
