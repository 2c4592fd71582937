#include "client/examples/nets/dense.h"

#include <algorithm>
#include <cstring>

#include "core/base/wide.h"

namespace polystep::nets {
namespace {

// Vectors of the compiler's, on which + and * are those of each entry.
using Narrow = float __attribute__((vector_size(16)));
using Wide = float __attribute__((vector_size(32)));
using Widest = float __attribute__((vector_size(64)));

// What a kernel does: kRows rows times kBlock samples.
struct Shape {
  const float* const* rows;
  size_t inputs;
  const float* x;
  float* out;
};

// kRows x kVectors sums are under way in registers, over all inputs.
template <typename Vector, size_t kRows, size_t kVectors>
POLYSTEP_INLINE void Tile(const Shape& shape, size_t first) {
  constexpr size_t kWidth = sizeof(Vector) / sizeof(float);
  Vector sums[kRows][kVectors] = {};
  const float* x = shape.x + first;
  for (size_t i = 0; i < shape.inputs; ++i, x += kBlock) {
    Vector in[kVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) std::memcpy(&in[v], x + v * kWidth, sizeof(Vector));
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r) {
      const float weight = shape.rows[r][i];
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) sums[r][v] += weight * in[v];
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] += shape.rows[r][shape.inputs];
      std::memcpy(shape.out + r * kBlock + first + v * kWidth, &sums[r][v], sizeof(Vector));
    }
  }
}

template <typename Vector, size_t kVectors>
POLYSTEP_INLINE void Rows(const Shape& shape, size_t rows) {
  constexpr size_t kStride = kVectors * sizeof(Vector) / sizeof(float);
  for (size_t first = 0; first < kBlock; first += kStride) {
    switch (rows) {
      case 1:
        Tile<Vector, 1, kVectors>(shape, first);
        break;
      case 2:
        Tile<Vector, 2, kVectors>(shape, first);
        break;
      case 3:
        Tile<Vector, 3, kVectors>(shape, first);
        break;
      default:
        Tile<Vector, 4, kVectors>(shape, first);
    }
  }
}

using Kernel = void (*)(const Shape& shape, size_t rows);

void NarrowRows(const Shape& shape, size_t rows) { Rows<Narrow, 2>(shape, rows); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void WideRows(const Shape& shape, size_t rows) {
  Rows<Wide, 2>(shape, rows);
}
__attribute__((target("avx512f"))) void WidestRows(const Shape& shape, size_t rows) {
  Rows<Widest, 4>(shape, rows);
}
#endif

Kernel Fastest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0) return WidestRows;
  if (__builtin_cpu_supports("avx2") != 0) return WideRows;
#endif
  return NarrowRows;
}

}  // namespace

void Dense(absl::Span<const float* const> rows, size_t inputs, const float* x, float* out) {
  static const Kernel kernel = Fastest();
  for (size_t r = 0; r < rows.size(); r += 4) {
    kernel({rows.data() + r, inputs, x, out + r * kBlock}, std::min<size_t>(4, rows.size() - r));
  }
}

}  // namespace polystep::nets
