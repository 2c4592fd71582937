// Rows of numbers to lanes (wide.h) and back.
//
// Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_BASE_TRANSPOSE_H_
#define POLYSTEP_CORE_BASE_TRANSPOSE_H_

#include <cstddef>

#include "core/base/wide.h"

namespace polystep {

// Rows that go to lanes at once.
inline constexpr size_t kTransposedRows = 2 * kLanes;

// lanes[v * kTransposedRows + r] = rows[r * width + v] of kTransposedRows rows.
void RowsToLanes(size_t width, const double* rows, double* lanes);

// rows[r * width + v] += factor lanes[v * kLanes + r] of kLanes rows.
void AddLanesToRows(size_t width, double factor, const double* lanes, double* rows);

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_TRANSPOSE_H_
