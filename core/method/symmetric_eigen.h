// Eigenvectors and eigenvalues of a symmetric matrix, equal bit for bit everywhere.
//
// Householder tridiagonalization and implicitly shifted QR steps (Golub & Van Loan, Matrix
// Computations, 8.3): only + - * / sqrt in one fixed order. A pure function.
#ifndef POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_
#define POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_

#include "absl/types/span.h"

namespace polystep {

// `matrix` is dim x dim, symmetric, and is destroyed. Column j of `basis` (dim x dim, row-major)
// is the eigenvector of values[j]; values are in no particular order. False if it did not
// converge, as with entries that are not finite; `basis` and `values` are then unchanged.
bool SymmetricEigen(absl::Span<double> matrix, absl::Span<double> basis, absl::Span<double> values);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_SYMMETRIC_EIGEN_H_
