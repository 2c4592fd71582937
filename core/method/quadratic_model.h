// A quadratic q(z) = c + g.z + z.Hz / 2 fitted to weighted points, and its minimiser in a ball.
//
// Weighted least squares by normal equations and Cholesky, with a ridge of rounding size. Only
// + - * / sqrt in a fixed order: equal bits everywhere. Pure functions.
#ifndef POLYSTEP_CORE_METHOD_QUADRATIC_MODEL_H_
#define POLYSTEP_CORE_METHOD_QUADRATIC_MODEL_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace polystep {

// What H may be: a I + b S of a given symmetric S, diagonal, or any symmetric matrix.
enum class QuadraticForm { kRound, kDiagonal, kFull };

struct QuadraticModel {
  double constant = 0.0;
  std::vector<double> gradient;  // n
  std::vector<double> hessian;   // n x n, symmetric

  double At(absl::Span<const double> z) const;
};

// Coefficients of a form in n variables: n + 3, 2n + 1, or (n + 1)(n + 2) / 2.
size_t Coefficients(QuadraticForm form, size_t n);

// `points` is m x n, row-major; `values` and `weights` >= 0 have m entries, `shape` is S, n x n, of
// the round form. False if the points do not determine the coefficients.
bool FitQuadratic(QuadraticForm form, size_t n, absl::Span<const double> points,
                  absl::Span<const double> values, absl::Span<const double> weights,
                  QuadraticModel& model, absl::Span<const double> shape = {});

// The z of least q among |z| <= radius (More & Sorensen 1983, by the eigenvalues of H). False if H
// has none.
bool MinimizeInBall(const QuadraticModel& model, double radius, std::vector<double>& z);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_QUADRATIC_MODEL_H_
