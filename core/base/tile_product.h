// The inner loop of dense matrix products: one tile C +- A^T B, as wide as the machine allows.
//
// Every entry of C is one running sum over the rows in their order, each product rounded before it
// is added: the width in which entries are done cannot change a bit, and neither can cutting the
// rows into several calls. No FMA. Pure functions.
#ifndef POLYSTEP_CORE_BASE_TILE_PRODUCT_H_
#define POLYSTEP_CORE_BASE_TILE_PRODUCT_H_

#include <cstddef>
#include <vector>

namespace polystep {

inline constexpr size_t kTile = 8;

// For i, j < kTile: c[i * stride + j] += (or -=) the sum over m < rows of a[m * kTile + i] *
// b[m * kTile + j]. `c` overlaps neither `a` nor `b`; these may be the same.
struct TileProduct {
  using Function = void (*)(size_t rows, const double* a, const double* b, double* c,
                            size_t stride);
  Function add = nullptr;
  Function subtract = nullptr;
};

// The widest this machine can run; the same at every call.
const TileProduct& WidestTileProduct();

// All that this machine can run, for tests.
std::vector<TileProduct> AllTileProducts();

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_TILE_PRODUCT_H_
