// Matrices by rows, as Dense takes them. Pure functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_ROWS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_ROWS_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "client/examples/nets/aligned.h"
#include "client/examples/nets/pass.h"

namespace polystep::nets {

// Where each row of a row-major matrix begins.
inline std::vector<const float*> RowsOf(const float* matrix, size_t rows, size_t columns) {
  std::vector<const float*> begins(rows);
  for (size_t r = 0; r < rows; ++r) begins[r] = matrix + r * columns;
  return begins;
}

inline std::vector<const float*> RowsOf(absl::Span<const RowWeights> changed) {
  std::vector<const float*> begins;
  begins.reserve(changed.size());
  for (const RowWeights& row : changed) begins.push_back(row.weights);
  return begins;
}

// [column][row] of the first `kept` columns.
inline Aligned<float> Transposed(const float* matrix, size_t rows, size_t columns, size_t kept) {
  Aligned<float> transposed(kept * rows);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < kept; ++c) transposed[c * rows + r] = matrix[r * columns + c];
  }
  return transposed;
}

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_ROWS_H_
