#include "core/method/lattice_minimum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace polystep {
namespace {

constexpr double kLeastGain = 1e-12;
constexpr int kMostMoves = 200;
constexpr std::array<double, 6> kCells = {-1.0, 1.0, -2.0, 2.0, -4.0, 4.0};  // of a single move

// Lower Cholesky factor in place; false if `a` (n x n) is not positive definite.
bool Factor(size_t n, std::vector<double>& a) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i != j) {
        a[i * n + j] = sum / a[j * n + j];
        continue;
      }
      if (!(sum > 0.0) || !std::isfinite(sum)) return false;
      a[i * n + i] = std::sqrt(sum);
    }
  }
  return true;
}

// b = (L L^T)^-1 b.
void Solve(size_t n, const std::vector<double>& factor, double* b) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= factor[i * n + k] * b[k];
    b[i] /= factor[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= factor[k * n + i] * b[k];
    b[i] /= factor[i * n + i];
  }
}

class Descent {
 public:
  Descent(const QuadraticModel& model, const LatticeBox& box)
      : model_(model), box_(box), n_(box.cells.size()) {
    for (size_t i = 0; i < n_; ++i) (box.cells[i] > 0.0 ? lattice_ : continuous_).push_back(i);
  }

  bool Run(std::vector<double>& z) {
    if (!FactorContinuous()) return false;
    Reduce();
    z.assign(n_, 0.0);
    for (int n = 0; n < kMostMoves && MoveLattice(z); ++n) {
    }
    PlaceContinuous(z);
    return std::all_of(z.begin(), z.end(), [](double value) { return std::isfinite(value); });
  }

 private:
  // A change of lattice coordinate `axis` (a place in lattice_) by `step`.
  struct Move {
    size_t axis = 0;
    double step = 0.0;
  };

  double Curvature(size_t i, size_t j) const { return model_.hessian[i * n_ + j]; }

  // H_cc with the smallest ridge that makes it convex.
  bool FactorContinuous() {
    const size_t c = continuous_.size();
    double most = 0.0;
    for (size_t i = 0; i < n_; ++i) most = std::max(most, std::fabs(Curvature(i, i)));
    for (double ridge = 1e-12; ridge < 1e3; ridge *= 4.0) {
      factor_.assign(c * c, 0.0);
      for (size_t a = 0; a < c; ++a) {
        for (size_t b = 0; b < c; ++b) {
          factor_[a * c + b] = Curvature(continuous_[a], continuous_[b]);
        }
        factor_[a * c + a] += ridge * most;
      }
      if (Factor(c, factor_)) return true;
    }
    return false;
  }

  // slope = g_l - H_lc H_cc^-1 g_c, reduced = H_ll - H_lc H_cc^-1 H_cl.
  void Reduce() {
    const size_t c = continuous_.size();
    const size_t l = lattice_.size();
    std::vector<double> solved((l + 1) * c);  // H_cc^-1 of H_cl, then of g_c
    for (size_t i = 0; i <= l; ++i) {
      double* column = solved.data() + i * c;
      for (size_t a = 0; a < c; ++a) {
        column[a] =
            i < l ? Curvature(continuous_[a], lattice_[i]) : model_.gradient[continuous_[a]];
      }
      Solve(c, factor_, column);
    }
    slope_.resize(l);
    reduced_.resize(l * l);
    for (size_t i = 0; i < l; ++i) {
      slope_[i] = model_.gradient[lattice_[i]];
      for (size_t j = 0; j < l; ++j) reduced_[i * l + j] = Curvature(lattice_[i], lattice_[j]);
      for (size_t a = 0; a < c; ++a) {
        const double cross = Curvature(continuous_[a], lattice_[i]);
        slope_[i] -= cross * solved[l * c + a];
        for (size_t j = 0; j < l; ++j) reduced_[i * l + j] -= cross * solved[j * c + a];
      }
    }
  }

  bool Allowed(const std::vector<double>& z, const Move& move) const {
    const size_t i = lattice_[move.axis];
    const double to = z[i] + move.step;
    const double slack = 1e-9 * box_.cells[i];
    return to >= box_.low[i] - slack && to <= box_.high[i] + slack;
  }

  double Change(const Move& move) const {
    return move.step * (slope_[move.axis] +
                        0.5 * reduced_[move.axis * lattice_.size() + move.axis] * move.step);
  }

  // Takes the best move of one or two coordinates; false if none gains.
  bool MoveLattice(std::vector<double>& z) {
    const size_t l = lattice_.size();
    double best = -kLeastGain;
    Move first;
    Move second;
    for (size_t i = 0; i < l; ++i) {
      for (double cells : kCells) {
        const Move one{i, cells * box_.cells[lattice_[i]]};
        if (!Allowed(z, one)) continue;
        const double alone = Change(one);
        if (alone < best) best = alone, first = one, second = Move();
        for (size_t j = 0; j < i; ++j) {
          for (double sign : {-1.0, 1.0}) {
            const Move other{j, sign * box_.cells[lattice_[j]]};
            const double both = alone + Change(other) + reduced_[i * l + j] * one.step * other.step;
            if (both < best && Allowed(z, other)) best = both, first = one, second = other;
          }
        }
      }
    }
    for (const Move& move : {first, second}) {
      if (move.step == 0.0) continue;
      z[lattice_[move.axis]] += move.step;
      for (size_t j = 0; j < l; ++j) slope_[j] += reduced_[j * l + move.axis] * move.step;
    }
    return best < -kLeastGain;
  }

  // z_c = -H_cc^-1 (g_c + H_cl z_l), clamped.
  void PlaceContinuous(std::vector<double>& z) const {
    const size_t c = continuous_.size();
    std::vector<double> pull(c);
    for (size_t a = 0; a < c; ++a) {
      pull[a] = model_.gradient[continuous_[a]];
      for (size_t i : lattice_) pull[a] += Curvature(continuous_[a], i) * z[i];
    }
    Solve(c, factor_, pull.data());
    for (size_t a = 0; a < c; ++a) {
      const size_t i = continuous_[a];
      z[i] = std::clamp(-pull[a], box_.low[i], box_.high[i]);
    }
  }

  const QuadraticModel& model_;
  const LatticeBox& box_;
  size_t n_;
  std::vector<size_t> lattice_;
  std::vector<size_t> continuous_;
  std::vector<double> factor_;   // of H_cc
  std::vector<double> slope_;    // of the reduced quadratic at z
  std::vector<double> reduced_;  // its Hessian
};

}  // namespace

bool MinimizeOnLattice(const QuadraticModel& model, const LatticeBox& box, std::vector<double>& z) {
  return Descent(model, box).Run(z);
}

}  // namespace polystep
