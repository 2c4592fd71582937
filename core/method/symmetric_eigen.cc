#include "core/method/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace polystep {
namespace {

struct Tridiagonal {
  std::vector<double> diagonal;
  std::vector<double> beside;  // entry i couples i and i + 1
};

// target -= factor * source, over `count` entries.
void Subtract(double factor, const double* source, double* target, size_t count) {
  for (size_t j = 0; j < count; ++j) target[j] -= factor * source[j];
}

double Dot(const double* a, const double* b, size_t count) {
  double sum = 0.0;
  for (size_t j = 0; j < count; ++j) sum += a[j] * b[j];
  return sum;
}

// The reflection I - beta v v^T that maps x to (alpha, 0, ..., 0). Replaces x by v.
struct Reflection {
  double alpha = 0.0;
  double beta = 0.0;
};
Reflection Reflect(double* x, size_t count) {
  Reflection reflection;
  const double tail = Dot(x + 1, x + 1, count - 1);
  if (tail == 0.0) {
    reflection.alpha = x[0];
    return reflection;
  }
  const double norm = std::sqrt(x[0] * x[0] + tail);
  reflection.alpha = x[0] > 0.0 ? -norm : norm;
  x[0] -= reflection.alpha;
  reflection.beta = 2.0 / (x[0] * x[0] + tail);
  return reflection;
}

// T = Q^T A Q. Row k of `a` keeps the vector of reflection k behind its diagonal, for Accumulate.
Tridiagonal Reduce(size_t dim, double* a, std::vector<double>& betas) {
  Tridiagonal t{std::vector<double>(dim), std::vector<double>(dim, 0.0)};
  betas.assign(dim, 0.0);
  std::vector<double> w(dim);
  for (size_t k = 0; k + 1 < dim; ++k) {
    const size_t rest = dim - k - 1;
    double* v = a + k * dim + k + 1;
    const Reflection reflection = Reflect(v, rest);
    betas[k] = reflection.beta;
    t.beside[k] = reflection.alpha;
    if (reflection.beta == 0.0) continue;
    double* corner = v + dim;  // of the trailing matrix
    for (size_t i = 0; i < rest; ++i) w[i] = reflection.beta * Dot(corner + i * dim, v, rest);
    const double half = 0.5 * reflection.beta * Dot(w.data(), v, rest);
    Subtract(half, v, w.data(), rest);
    for (size_t i = 0; i < rest; ++i) {
      Subtract(v[i], w.data(), corner + i * dim, rest);
      Subtract(w[i], v, corner + i * dim, rest);
    }
  }
  for (size_t k = 0; k < dim; ++k) t.diagonal[k] = a[k * dim + k];
  return t;
}

// Q^T of Reduce, the product of its reflections from the last to the first; its rows become the
// eigenvectors.
std::vector<double> Accumulate(size_t dim, const double* a, const std::vector<double>& betas) {
  std::vector<double> q(dim * dim, 0.0);
  for (size_t i = 0; i < dim; ++i) q[i * dim + i] = 1.0;
  for (size_t k = dim - 1; k-- > 0;) {
    if (betas[k] == 0.0) continue;
    const size_t rest = dim - k - 1;
    const double* v = a + k * dim + k + 1;
    for (size_t i = k + 1; i < dim; ++i) {
      double* row = q.data() + i * dim + k + 1;
      Subtract(betas[k] * Dot(row, v, rest), v, row, rest);
    }
  }
  return q;
}

// One QR step with Wilkinson's shift on the unreduced block [first, last]; turns the rows along.
void Step(size_t first, size_t last, size_t dim, Tridiagonal& t, double* rows) {
  double* d = t.diagonal.data();
  double* e = t.beside.data();
  const double half = 0.5 * (d[last - 1] - d[last]);
  const double coupling = e[last - 1];
  const double root = std::sqrt(half * half + coupling * coupling);
  const double shift = d[last] - coupling * coupling / (half > 0.0 ? half + root : half - root);
  double x = d[first] - shift;
  double bulge = e[first];
  for (size_t k = first; k < last; ++k) {
    const double r = std::sqrt(x * x + bulge * bulge);
    const double c = r > 0.0 ? x / r : 1.0;
    const double s = r > 0.0 ? bulge / r : 0.0;
    if (k > first) e[k - 1] = r;
    const double upper = d[k];
    const double lower = d[k + 1];
    const double cross = 2.0 * c * s * e[k];
    d[k] = c * c * upper + cross + s * s * lower;
    d[k + 1] = s * s * upper - cross + c * c * lower;
    e[k] = c * s * (lower - upper) + (c * c - s * s) * e[k];
    x = e[k];
    if (k + 1 < last) {
      bulge = s * e[k + 1];
      e[k + 1] = c * e[k + 1];
    }
    double* a = rows + k * dim;
    double* b = a + dim;
    for (size_t j = 0; j < dim; ++j) {
      const double above = a[j];
      const double below = b[j];
      a[j] = c * above + s * below;
      b[j] = c * below - s * above;
    }
  }
}

bool Diagonalize(size_t dim, Tridiagonal& t, double* rows) {
  constexpr double kNegligible = 1e-16;
  auto negligible = [&](size_t i) {
    return std::fabs(t.beside[i]) <=
           kNegligible * (std::fabs(t.diagonal[i]) + std::fabs(t.diagonal[i + 1]));
  };
  size_t steps_left = 60 * dim;
  size_t last = dim - 1;
  while (last > 0) {
    size_t first = last;
    while (first > 0 && !negligible(first - 1)) --first;
    if (first == last) {
      --last;
      continue;
    }
    if (steps_left-- == 0) return false;
    Step(first, last, dim, t, rows);
  }
  return true;
}

}  // namespace

bool SymmetricEigen(absl::Span<double> matrix, absl::Span<double> basis,
                    absl::Span<double> values) {
  const size_t dim = values.size();
  double largest = 0.0;
  for (double entry : matrix) {
    if (!std::isfinite(entry)) return false;
    largest = std::max(largest, std::fabs(entry));
  }
  // Scaled, so that squares neither overflow nor vanish.
  const double scale = largest > 0.0 ? largest : 1.0;
  for (double& entry : matrix) entry /= scale;
  std::vector<double> betas;
  Tridiagonal t = Reduce(dim, matrix.data(), betas);
  std::vector<double> rows = Accumulate(dim, matrix.data(), betas);
  if (!Diagonalize(dim, t, rows.data())) return false;
  for (size_t i = 0; i < dim; ++i) {
    values[i] = t.diagonal[i] * scale;
    for (size_t j = 0; j < dim; ++j) basis[j * dim + i] = rows[i * dim + j];
  }
  return true;
}

}  // namespace polystep
