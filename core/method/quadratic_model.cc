#include "core/method/quadratic_model.h"

#include <algorithm>
#include <cmath>

#include "core/method/symmetric_eigen.h"

namespace polystep {
namespace {

// Of the mean of the normal matrix's diagonal: below what its rounding errors are anyway.
constexpr double kRidge = 1e-13;

// 1, z_i, z_i^2 / 2 and, for the full form, z_i z_j.
void BasisValues(QuadraticForm form, absl::Span<const double> z, double* out) {
  const size_t n = z.size();
  *out++ = 1.0;
  for (size_t i = 0; i < n; ++i) *out++ = z[i];
  for (size_t i = 0; i < n; ++i) *out++ = 0.5 * z[i] * z[i];
  if (form == QuadraticForm::kDiagonal) return;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) *out++ = z[i] * z[j];
  }
}

// Row operations are done in groups of this many, to pass over a matrix less often.
constexpr size_t kGroup = 4;

// Rows of the normal matrix that stay in the cache while all points are added.
constexpr size_t kTile = 64;

// target[j] += sum of the group's factor times source[j], over [first, last).
void AddRows(const double* factors, const double* const* sources, double* target, size_t first,
             size_t last) {
  const double f0 = factors[0];
  const double f1 = factors[1];
  const double f2 = factors[2];
  const double f3 = factors[3];
  const double* s0 = sources[0];
  const double* s1 = sources[1];
  const double* s2 = sources[2];
  const double* s3 = sources[3];
  for (size_t j = first; j < last; ++j) {
    target[j] += (f0 * s0[j] + f1 * s1[j]) + (f2 * s2[j] + f3 * s3[j]);
  }
}

// The rows [first, last) of the upper triangle of V^T V; `v` is `count` x p, a multiple of kGroup.
void AddGram(size_t p, size_t count, const double* v, size_t first, size_t last, double* gram) {
  for (size_t m = 0; m < count; m += kGroup) {
    const double* sources[kGroup] = {v + m * p, v + (m + 1) * p, v + (m + 2) * p, v + (m + 3) * p};
    for (size_t i = first; i < last; ++i) {
      const double factors[kGroup] = {sources[0][i], sources[1][i], sources[2][i], sources[3][i]};
      AddRows(factors, sources, gram + i * p, i, p);
    }
  }
}

// Takes row k of R^T R apart, given that earlier rows were subtracted from it.
bool ScalePivot(size_t p, size_t k, double* a, double* b) {
  double* row = a + k * p;
  if (!(row[k] > 0.0) || !std::isfinite(row[k])) return false;
  const double inverse = 1.0 / std::sqrt(row[k]);
  for (size_t j = k; j < p; ++j) row[j] *= inverse;
  b[k] *= inverse;
  return true;
}

// Solves a x = b in place, `a` symmetric by its upper triangle (R^T R, by rows). False if it is not
// positive definite.
bool SolveCholesky(size_t p, double* a, double* b) {
  for (size_t first = 0; first < p; first += kGroup) {
    const size_t last = std::min(p, first + kGroup);
    for (size_t k = first; k < last; ++k) {
      if (!ScalePivot(p, k, a, b)) return false;
      for (size_t i = k + 1; i < last; ++i) {
        const double factor = a[k * p + i];
        for (size_t j = i; j < p; ++j) a[i * p + j] -= factor * a[k * p + j];
        b[i] -= factor * b[k];
      }
    }
    if (last == p) break;
    const double* sources[kGroup] = {a + first * p, a + (first + 1) * p, a + (first + 2) * p,
                                     a + (first + 3) * p};
    for (size_t i = last; i < p; ++i) {
      double factors[kGroup];
      for (size_t g = 0; g < kGroup; ++g) {
        factors[g] = -sources[g][i];
        b[i] += factors[g] * b[first + g];
      }
      AddRows(factors, sources, a + i * p, i, p);
    }
  }
  for (size_t k = p; k-- > 0;) {
    double sum = b[k];
    for (size_t j = k + 1; j < p; ++j) sum -= a[k * p + j] * b[j];
    b[k] = sum / a[k * p + k];
  }
  return true;
}

}  // namespace

double QuadraticModel::At(absl::Span<const double> z) const {
  const size_t n = z.size();
  double value = constant;
  for (size_t i = 0; i < n; ++i) {
    double row = 0.0;
    for (size_t j = 0; j < n; ++j) row += hessian[i * n + j] * z[j];
    value += z[i] * (gradient[i] + 0.5 * row);
  }
  return value;
}

size_t Coefficients(QuadraticForm form, size_t n) {
  return form == QuadraticForm::kDiagonal ? 2 * n + 1 : (n + 1) * (n + 2) / 2;
}

bool FitQuadratic(QuadraticForm form, size_t n, absl::Span<const double> points,
                  absl::Span<const double> values, absl::Span<const double> weights,
                  QuadraticModel& model) {
  const size_t p = Coefficients(form, n);
  std::vector<double> gram(p * p, 0.0);
  std::vector<double> solution(p, 0.0);
  const size_t count = (values.size() + kGroup - 1) / kGroup * kGroup;
  std::vector<double> rows(count * p, 0.0);
  for (size_t m = 0; m < values.size(); ++m) {
    double* basis = rows.data() + m * p;
    BasisValues(form, points.subspan(m * n, n), basis);
    const double root = std::sqrt(weights[m]);
    const double value = root * values[m];
    for (size_t i = 0; i < p; ++i) {
      basis[i] *= root;
      solution[i] += value * basis[i];
    }
  }
  for (size_t first = 0; first < p; first += kTile) {
    AddGram(p, count, rows.data(), first, std::min(p, first + kTile), gram.data());
  }
  double trace = 0.0;
  for (size_t i = 0; i < p; ++i) trace += gram[i * p + i];
  for (size_t i = 0; i < p; ++i) gram[i * p + i] += kRidge * trace / static_cast<double>(p);
  if (!SolveCholesky(p, gram.data(), solution.data())) return false;

  model.constant = solution[0];
  model.gradient.assign(solution.begin() + 1, solution.begin() + 1 + static_cast<ptrdiff_t>(n));
  model.hessian.assign(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) model.hessian[i * n + i] = solution[1 + n + i];
  if (form == QuadraticForm::kFull) {
    size_t next = 1 + 2 * n;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i + 1; j < n; ++j) {
        model.hessian[i * n + j] = model.hessian[j * n + i] = solution[next++];
      }
    }
  }
  return true;
}

bool MinimizeInBall(const QuadraticModel& model, double radius, std::vector<double>& z) {
  const size_t n = model.gradient.size();
  std::vector<double> work = model.hessian;
  std::vector<double> basis(n * n);
  std::vector<double> values(n);
  if (!SymmetricEigen(absl::MakeSpan(work), absl::MakeSpan(basis), absl::MakeSpan(values))) {
    return false;
  }
  std::vector<double> pull(n, 0.0);  // the gradient in eigenvectors
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) pull[j] += basis[i * n + j] * model.gradient[i];
  }
  double norm = 0.0;
  for (double g : model.gradient) norm += g * g;
  norm = std::sqrt(norm);
  const double least = *std::min_element(values.begin(), values.end());
  const double most = *std::max_element(values.begin(), values.end());
  // |z(mu)| falls with mu; z(mu) = -(H + mu I)^-1 g.
  double low = std::max(0.0, -least) + 1e-14 * std::max(std::fabs(least), std::fabs(most));
  double high = std::max(0.0, -least) + norm / radius;
  auto length = [&](double mu) {
    double sum = 0.0;
    for (size_t j = 0; j < n; ++j) {
      const double step = pull[j] / (values[j] + mu);
      sum += step * step;
    }
    return std::sqrt(sum);
  };
  if (!(length(low) <= radius)) {
    constexpr int kHalvings = 100;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = 0.5 * (low + high);
      (length(middle) > radius ? low : high) = middle;
    }
    low = high;
  }
  z.assign(n, 0.0);
  for (size_t j = 0; j < n; ++j) {
    const double step = -pull[j] / (values[j] + low);
    if (!std::isfinite(step)) return false;
    for (size_t i = 0; i < n; ++i) z[i] += basis[i * n + j] * step;
  }
  return true;
}

}  // namespace polystep
