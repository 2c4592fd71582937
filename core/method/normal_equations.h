// Gram matrices and Cholesky in tiles that stay in the cache (Golub & Van Loan, Matrix
// Computations, 4.2). Every entry is one running sum in the order of rows, so the tiling changes no
// bit. Pure functions and plain values.
#ifndef POLYSTEP_CORE_METHOD_NORMAL_EQUATIONS_H_
#define POLYSTEP_CORE_METHOD_NORMAL_EQUATIONS_H_

#include <cstddef>
#include <vector>

#include "core/base/tile_product.h"

namespace polystep {

// Rows of a matrix of `columns` columns, a multiple of kTile, cut into strips of kTile columns that
// lie one behind the other.
class Strips {
 public:
  Strips(size_t rows, size_t columns) : rows_(rows), entries_(rows * columns) {}

  size_t rows() const { return rows_; }
  // From the column `first` on, a multiple of kTile; `values` are those of all columns.
  void SetRow(size_t row, size_t first, const double* values);
  const double* Strip(size_t s) const { return entries_.data() + s * rows_ * kTile; }

 private:
  size_t rows_;
  std::vector<double> entries_;
};

// A symmetric system, by the upper triangle of its matrix. Below the diagonal lie numbers without
// a meaning.
struct NormalEquations {
  // Of zeros; `unknowns` are rounded up to a multiple of kTile, the new ones being 0 on their own.
  explicit NormalEquations(size_t unknowns);

  size_t size;                 // rounded up
  std::vector<double> matrix;  // size x size, row-major
  std::vector<double> side;    // becomes the solution
};

// matrix += A^T B of the first `rows` rows, for products that are symmetric.
void AddGram(size_t rows, const Strips& a, const Strips& b, NormalEquations& equations);

// Solves by R^T R; the matrix is destroyed. False if it is not positive definite.
bool Solve(NormalEquations& equations);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_NORMAL_EQUATIONS_H_
