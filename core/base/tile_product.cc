#include "core/base/tile_product.h"

#include <cstring>

namespace polystep {
namespace {

// Vectors of the compiler's, on which + - * are those of each entry.
using Pair = double __attribute__((vector_size(16)));
using Quad = double __attribute__((vector_size(32)));

// Inlined into callers of every width, so that no copy of a wider one is shared with narrower ones.
#define POLYSTEP_INLINE inline __attribute__((always_inline))

// A row of the tile, two vectors wide.
template <typename Vector>
struct Row {
  static constexpr size_t kWidth = sizeof(Vector) / sizeof(double);
  Vector first, second;

  POLYSTEP_INLINE explicit Row(const double* from) {
    std::memcpy(&first, from, sizeof(Vector));
    std::memcpy(&second, from + kWidth, sizeof(Vector));
  }
  POLYSTEP_INLINE void Add(double factor, const Row& row) {
    first += factor * row.first;
    second += factor * row.second;
  }
  POLYSTEP_INLINE void Store(double* to) const {
    std::memcpy(to, &first, sizeof(Vector));
    std::memcpy(to + kWidth, &second, sizeof(Vector));
  }
};

// Four rows: eight sums under way are what two units of latency four need, and fit the registers.
template <typename Vector, bool kSubtract>
POLYSTEP_INLINE void Block(size_t rows, const double* a, const double* b, double* c,
                           size_t stride) {
  using Sums = Row<Vector>;
  Sums sums0(c), sums1(c + stride), sums2(c + 2 * stride), sums3(c + 3 * stride);
  for (const double* end = a + rows * kTile; a != end; a += kTile, b += kTile) {
    const Sums right(b);
    sums0.Add(kSubtract ? -a[0] : a[0], right);
    sums1.Add(kSubtract ? -a[1] : a[1], right);
    sums2.Add(kSubtract ? -a[2] : a[2], right);
    sums3.Add(kSubtract ? -a[3] : a[3], right);
  }
  sums0.Store(c);
  sums1.Store(c + stride);
  sums2.Store(c + 2 * stride);
  sums3.Store(c + 3 * stride);
}

template <typename Vector, bool kSubtract>
POLYSTEP_INLINE void Tile(size_t rows, const double* a, const double* b, double* c, size_t stride) {
  for (size_t i = 0; i < kTile; i += 4) {
    for (size_t j = 0; j < kTile; j += 2 * Row<Vector>::kWidth) {
      Block<Vector, kSubtract>(rows, a + i, b + j, c + i * stride + j, stride);
    }
  }
}

void AddNarrow(size_t rows, const double* a, const double* b, double* c, size_t stride) {
  Tile<Pair, false>(rows, a, b, c, stride);
}
void SubtractNarrow(size_t rows, const double* a, const double* b, double* c, size_t stride) {
  Tile<Pair, true>(rows, a, b, c, stride);
}
constexpr TileProduct kNarrow = {AddNarrow, SubtractNarrow};

#if defined(__x86_64__)
__attribute__((target("avx2"))) void AddWide(size_t rows, const double* a, const double* b,
                                             double* c, size_t stride) {
  Tile<Quad, false>(rows, a, b, c, stride);
}
__attribute__((target("avx2"))) void SubtractWide(size_t rows, const double* a, const double* b,
                                                  double* c, size_t stride) {
  Tile<Quad, true>(rows, a, b, c, stride);
}
constexpr TileProduct kWide = {AddWide, SubtractWide};
bool CanWide() { return __builtin_cpu_supports("avx2") != 0; }
#endif

}  // namespace

std::vector<TileProduct> AllTileProducts() {
  std::vector<TileProduct> all = {kNarrow};
#if defined(__x86_64__)
  if (CanWide()) all.push_back(kWide);
#endif
  return all;
}

const TileProduct& WidestTileProduct() {
  static const TileProduct widest = AllTileProducts().back();
  return widest;
}

}  // namespace polystep
