// Eigenvectors and eigenvalues of a symmetric matrix, equal bit for bit everywhere.
//
// Cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.5): only + - * / sqrt in one
// fixed order. A pure function.
#ifndef POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_
#define POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_

#include "absl/types/span.h"

namespace polystep {

// `matrix` is dim x dim, symmetric, and is destroyed. Column j of `basis` (dim x dim, row-major)
// is the eigenvector of values[j]; values are in no particular order.
void SymmetricEigen(absl::Span<double> matrix, absl::Span<double> basis, absl::Span<double> values);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_
