#include "client/examples/nets/dense.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/wide.h"

namespace polystep::nets {
namespace {

// Vectors of the compiler's, on which + and * are those of each entry.
using Narrow = float __attribute__((vector_size(16)));
using Wide = float __attribute__((vector_size(32)));
using Widest = float __attribute__((vector_size(64)));

// sum + weight x, rounded once.
template <typename Vector>
POLYSTEP_INLINE void AddProduct(float weight, const Vector& x, Vector& sum) {
#pragma GCC unroll 16
  for (size_t l = 0; l < sizeof(Vector) / sizeof(float); ++l) {
    sum[l] = std::fma(weight, x[l], sum[l]);
  }
}

// kRows x kVectors sums are under way in registers, over all inputs.
template <typename Vector, size_t kRows, size_t kVectors>
POLYSTEP_INLINE void Tile(const DenseTask& task, size_t first) {
  constexpr size_t kWidth = sizeof(Vector) / sizeof(float);
  Vector sums[kRows][kVectors] = {};
  const float* x = task.x + first;
  for (size_t i = 0; i < task.inputs; ++i, x += kBlock) {
    Vector in[kVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) std::memcpy(&in[v], x + v * kWidth, sizeof(Vector));
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r) {
      const float weight = task.rows[r][i];
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) AddProduct(weight, in[v], sums[r][v]);
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] += task.rows[r][task.inputs];
      std::memcpy(task.out + r * kBlock + first + v * kWidth, &sums[r][v], sizeof(Vector));
    }
  }
}

template <typename Vector, size_t kVectors>
POLYSTEP_INLINE void Rows(const DenseTask& task) {
  constexpr size_t kStride = kVectors * sizeof(Vector) / sizeof(float);
  for (size_t first = 0; first < kBlock; first += kStride) {
    switch (task.count) {
      case 1:
        Tile<Vector, 1, kVectors>(task, first);
        break;
      case 2:
        Tile<Vector, 2, kVectors>(task, first);
        break;
      case 3:
        Tile<Vector, 3, kVectors>(task, first);
        break;
      default:
        Tile<Vector, 4, kVectors>(task, first);
    }
  }
}

void NarrowRows(const DenseTask& task) { Rows<Narrow, 2>(task); }

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void WideRows(const DenseTask& task) { Rows<Wide, 2>(task); }
__attribute__((target("avx512f,fma"))) void WidestRows(const DenseTask& task) {
  Rows<Widest, 4>(task);
}
#endif

}  // namespace

std::vector<DenseKernel> DenseKernels() {
  std::vector<DenseKernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma") != 0) {
    if (__builtin_cpu_supports("avx512f") != 0) kernels.push_back(WidestRows);
    if (__builtin_cpu_supports("avx2") != 0) kernels.push_back(WideRows);
  }
#endif
  kernels.push_back(NarrowRows);
  return kernels;
}

void Dense(absl::Span<const float* const> rows, size_t inputs, const float* x, float* out) {
  static const DenseKernel kFastest = DenseKernels().front();
  for (size_t r = 0; r < rows.size(); r += kRowsTogether) {
    kFastest(
        {rows.data() + r, std::min(kRowsTogether, rows.size() - r), inputs, x, out + r * kBlock});
  }
}

}  // namespace polystep::nets
