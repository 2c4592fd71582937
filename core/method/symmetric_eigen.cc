#include "core/method/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace polystep {
namespace {

// Rotates rows a and b, of `count` entries each.
void RotateRows(double c, double s, double* a, double* b, size_t count) {
  for (size_t k = 0; k < count; ++k) {
    const double x = a[k];
    const double y = b[k];
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
}

// Makes entry (p, q) zero; `vectors` holds eigenvectors as rows.
void Annihilate(size_t dim, size_t p, size_t q, double* a, double* vectors) {
  const double apq = a[p * dim + q];
  const double app = a[p * dim + p];
  const double aqq = a[q * dim + q];
  const double theta = (aqq - app) / (2.0 * apq);
  double t = 1.0 / (std::fabs(theta) + std::sqrt(theta * theta + 1.0));
  if (theta < 0.0) t = -t;
  const double c = 1.0 / std::sqrt(t * t + 1.0);
  const double s = t * c;
  RotateRows(c, s, a + p * dim, a + q * dim, dim);
  // The columns follow from symmetry; the 2 x 2 corner is set in closed form.
  for (size_t k = 0; k < dim; ++k) {
    a[k * dim + p] = a[p * dim + k];
    a[k * dim + q] = a[q * dim + k];
  }
  a[p * dim + p] = app - t * apq;
  a[q * dim + q] = aqq + t * apq;
  a[p * dim + q] = 0.0;
  a[q * dim + p] = 0.0;
  RotateRows(c, s, vectors + p * dim, vectors + q * dim, dim);
}

}  // namespace

void SymmetricEigen(absl::Span<double> matrix, absl::Span<double> basis,
                    absl::Span<double> values) {
  constexpr int kMaxSweeps = 30;
  constexpr double kNegligible = 1e-30;
  const size_t dim = values.size();
  std::vector<double> vectors(dim * dim, 0.0);
  for (size_t i = 0; i < dim; ++i) vectors[i * dim + i] = 1.0;
  double* a = matrix.data();
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool rotated = false;
    for (size_t p = 0; p + 1 < dim; ++p) {
      for (size_t q = p + 1; q < dim; ++q) {
        const double apq = a[p * dim + q];
        const double diagonal = std::fabs(a[p * dim + p] * a[q * dim + q]);
        // Relative to the diagonal, so that small eigenvalues of a graded matrix stay accurate.
        if (apq * apq <= kNegligible * diagonal) continue;
        rotated = true;
        Annihilate(dim, p, q, a, vectors.data());
      }
    }
    if (!rotated) break;
  }
  for (size_t i = 0; i < dim; ++i) {
    values[i] = a[i * dim + i];
    for (size_t j = 0; j < dim; ++j) basis[j * dim + i] = vectors[i * dim + j];
  }
}

}  // namespace polystep
