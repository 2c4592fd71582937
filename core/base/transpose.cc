#include "core/base/transpose.h"

#include "core/base/vectors.h"

// By GCC's names of masked loads and stores.
#if defined(POLYSTEP_AVX512) && !defined(__clang__)
#define POLYSTEP_TRANSPOSES_SQUARES
#endif

namespace polystep {
namespace {

// Of a width that is known, compilers make shuffles of it.
template <size_t kWidth>
POLYSTEP_INLINE void ToLanes(size_t width, const double* rows, double* lanes) {
  const size_t count = kWidth > 0 ? kWidth : width;
  for (size_t r = 0; r < kTransposedRows; ++r) {
    for (size_t v = 0; v < count; ++v) lanes[v * kTransposedRows + r] = rows[r * count + v];
  }
}

template <size_t kWidth>
POLYSTEP_INLINE void AddToRows(size_t width, double factor, const double* lanes, double* rows) {
  const size_t count = kWidth > 0 ? kWidth : width;
  for (size_t r = 0; r < kLanes; ++r) {
    for (size_t v = 0; v < count; ++v) rows[r * count + v] += factor * lanes[v * kLanes + r];
  }
}

POLYSTEP_WIDE void ToLanesWide(size_t width, const double* rows, double* lanes) {
  if (width == 2) {
    ToLanes<2>(width, rows, lanes);
  } else if (width == 4) {
    ToLanes<4>(width, rows, lanes);
  } else if (width == 8) {
    ToLanes<8>(width, rows, lanes);
  } else {
    ToLanes<0>(width, rows, lanes);
  }
}

POLYSTEP_WIDE void AddToRowsWide(size_t width, double factor, const double* lanes, double* rows) {
  if (width == 1) {
    AddToRows<1>(width, factor, lanes, rows);
  } else if (width == 2) {
    AddToRows<2>(width, factor, lanes, rows);
  } else if (width == 3) {
    AddToRows<3>(width, factor, lanes, rows);
  } else if (width == 4) {
    AddToRows<4>(width, factor, lanes, rows);
  } else {
    AddToRows<0>(width, factor, lanes, rows);
  }
}

#ifdef POLYSTEP_TRANSPOSES_SQUARES
struct Square {
  Doubles8 rows[8];
};

POLYSTEP_AVX512 POLYSTEP_INLINE void Transpose(Square& s) {
  Doubles8 pairs[8];
  Doubles8 fours[8];
#pragma GCC unroll 4
  for (int n = 0; n < 8; n += 2) {
    pairs[n] = __builtin_shufflevector(s.rows[n], s.rows[n + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[n + 1] = __builtin_shufflevector(s.rows[n], s.rows[n + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    const int n = k + (k & 2);  // 0, 1, 4, 5
    fours[n] = __builtin_shufflevector(pairs[n], pairs[n + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    fours[n + 2] = __builtin_shufflevector(pairs[n], pairs[n + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (int n = 0; n < 4; ++n) {
    s.rows[n] = __builtin_shufflevector(fours[n], fours[n + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    s.rows[n + 4] = __builtin_shufflevector(fours[n], fours[n + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// The first of a row's columns that there are, to eight of them.
using Mask = unsigned char;
Mask MaskOf(size_t columns) { return static_cast<Mask>(columns < 8 ? (1U << columns) - 1 : 0xff); }

POLYSTEP_AVX512 POLYSTEP_INLINE Doubles8 LoadMasked(Mask mask, const double* from) {
  return __builtin_ia32_loadupd512_mask(from, Doubles8{}, mask);
}

POLYSTEP_AVX512 void ToLanesAvx512(size_t width, const double* rows, double* lanes) {
  for (size_t r = 0; r < kTransposedRows; r += 8) {
    for (size_t v = 0; v < width; v += 8) {
      const Mask mask = MaskOf(width - v);
      Square square;
#pragma GCC unroll 8
      for (size_t n = 0; n < 8; ++n) {
        square.rows[n] = LoadMasked(mask, rows + (r + n) * width + v);
      }
      Transpose(square);
      double* const to = lanes + v * kTransposedRows + r;
      const size_t columns = width - v;
#pragma GCC unroll 8
      for (size_t n = 0; n < 8; ++n) {
        if (n < columns) StoreVector(square.rows[n], to + n * kTransposedRows);
      }
    }
  }
}

POLYSTEP_AVX512 void AddToRowsAvx512(size_t width, double factor, const double* lanes,
                                     double* rows) {
  for (size_t r = 0; r < kLanes; r += 8) {
    for (size_t v = 0; v < width; v += 8) {
      const size_t columns = width - v;
      const double* const from = lanes + v * kLanes + r;
      Square square;
#pragma GCC unroll 8
      for (size_t n = 0; n < 8; ++n) {
        square.rows[n] =
            n < columns ? factor * LoadVector<Doubles8>(from + n * kLanes) : Doubles8{};
      }
      Transpose(square);
      // All loads come first: they would wait for the stores beside them.
      const Mask mask = MaskOf(columns);
      double* const to = rows + r * width + v;
#pragma GCC unroll 8
      for (size_t n = 0; n < 8; ++n) {
        square.rows[n] = LoadMasked(mask, to + n * width) + square.rows[n];
      }
#pragma GCC unroll 8
      for (size_t n = 0; n < 8; ++n) {
        __builtin_ia32_storeupd512_mask(to + n * width, square.rows[n], mask);
      }
    }
  }
}
#endif

}  // namespace

void RowsToLanes(size_t width, const double* rows, double* lanes) {
#ifdef POLYSTEP_TRANSPOSES_SQUARES
  static const bool kHasAvx512 = HasAvx512();
  if (kHasAvx512 && width > 4) {
    ToLanesAvx512(width, rows, lanes);
    return;
  }
#endif
  ToLanesWide(width, rows, lanes);
}

void AddLanesToRows(size_t width, double factor, const double* lanes, double* rows) {
#ifdef POLYSTEP_TRANSPOSES_SQUARES
  static const bool kHasAvx512 = HasAvx512();
  if (kHasAvx512 && width > 4) {
    AddToRowsAvx512(width, factor, lanes, rows);
    return;
  }
#endif
  AddToRowsWide(width, factor, lanes, rows);
}

}  // namespace polystep
