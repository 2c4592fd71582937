#include "core/transport/sinkhorn.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kCheckEvery = 10;
constexpr double kDualLimit = 10.0;  // of warm duals, times the largest cost

// log sum_n exp((potential[n] - cost(n)) / epsilon); -inf where every cost is infinite.
template <class CostAt>
double LogSumExp(absl::Span<const double> potential, double epsilon, CostAt cost) {
  double most = -kInfinity;
  for (size_t n = 0; n < potential.size(); ++n) most = std::max(most, potential[n] - cost(n));
  if (most == -kInfinity) return most;
  double sum = 0.0;
  for (size_t n = 0; n < potential.size(); ++n) {
    sum += PortableExp((potential[n] - cost(n) - most) / epsilon);
  }
  return most / epsilon + PortableLog(sum);
}

class Solution {
 public:
  Solution(const TransportProblem& problem, const SinkhornOptions& options)
      : problem_(problem), options_(options), width_(problem.columns.size()) {
    double least = kInfinity;
    for (const double cost : problem.costs) least = std::min(least, cost);
    costs_.reserve(problem.costs.size());
    for (const double cost : problem.costs)
      costs_.push_back(cost - (least < kInfinity ? least : 0));
  }

  // Duals scaled to the temperature, bounded, and with equal means of both sides.
  void Start(const Duals& warm) {
    f_.assign(problem_.rows.size(), 0.0);
    g_.assign(width_, 0.0);
    if (warm.rows.size() != f_.size() || warm.columns.size() != width_) return;
    double limit = 0.0;
    for (const double cost : costs_) limit = cost < kInfinity ? std::max(limit, cost) : limit;
    limit *= kDualLimit;
    const double ratio = options_.epsilon / warm.epsilon;
    const auto taken = [&](double dual) { return std::clamp(dual * ratio, -limit, limit); };
    double sum_f = 0.0;
    double sum_g = 0.0;
    for (size_t i = 0; i < f_.size(); ++i) sum_f += f_[i] = taken(warm.rows[i]);
    for (size_t v = 0; v < width_; ++v) sum_g += g_[v] = taken(warm.columns[v]);
    const double shift =
        0.5 * (sum_g / static_cast<double>(width_) - sum_f / static_cast<double>(f_.size()));
    for (double& f : f_) f += shift;
    for (double& g : g_) g -= shift;
    if (std::isfinite(shift)) return;
    std::fill(f_.begin(), f_.end(), 0.0);
    std::fill(g_.begin(), g_.end(), 0.0);
  }

  int Iterate() {
    for (int n = 1; n <= options_.max_iterations; ++n) {
      const double row_change = UpdateRows();
      const double change = std::max(row_change, UpdateColumns());
      if (n % kCheckEvery != 0 || options_.threshold <= 0.0) continue;
      if ((options_.alpha == 1.0 ? RowError() : change) < options_.threshold) return n;
    }
    return options_.max_iterations;
  }

  void Plan(absl::Span<double> plan) const {
    for (size_t i = 0; i < f_.size(); ++i) {
      for (size_t v = 0; v < width_; ++v) plan[i * width_ + v] = Mass(i, v);
    }
  }

  Duals TakeDuals() { return {std::move(f_), std::move(g_), options_.epsilon}; }

 private:
  double Mass(size_t i, size_t v) const {
    if (problem_.rows[i] == 0.0) return 0.0;
    return PortableExp((f_[i] + g_[v] - costs_[i * width_ + v]) / options_.epsilon);
  }

  // Both return the largest change.
  double UpdateRows() {
    double change = 0.0;
    for (size_t i = 0; i < f_.size(); ++i) {
      if (problem_.rows[i] == 0.0) continue;
      const double sum =
          LogSumExp(g_, options_.epsilon, [&](size_t v) { return costs_[i * width_ + v]; });
      const double next = options_.epsilon * (PortableLog(problem_.rows[i]) - sum);
      change = std::max(change, std::fabs(next - f_[i]));
      f_[i] = next;
    }
    return change;
  }

  double UpdateColumns() {
    double change = 0.0;
    for (size_t v = 0; v < width_; ++v) {
      const double sum = LogSumExp(f_, options_.epsilon, [&](size_t i) {
        return problem_.rows[i] == 0.0 ? kInfinity : costs_[i * width_ + v];
      });
      // A vertex that no particle can use keeps its dual.
      if (sum == -kInfinity) continue;
      const double next =
          options_.alpha * (options_.epsilon * (PortableLog(problem_.columns[v]) - sum));
      change = std::max(change, std::fabs(next - g_[v]));
      g_[v] = next;
    }
    return change;
  }

  double RowError() const {
    double error = 0.0;
    for (size_t i = 0; i < f_.size(); ++i) {
      double sum = 0.0;
      for (size_t v = 0; v < width_; ++v) sum += Mass(i, v);
      error = std::max(error, std::fabs(sum - problem_.rows[i]));
    }
    return error;
  }

  const TransportProblem& problem_;
  const SinkhornOptions& options_;
  size_t width_;
  std::vector<double> costs_;
  std::vector<double> f_;
  std::vector<double> g_;
};

}  // namespace

double KlAlpha(double lambda, double epsilon) {
  return lambda == kInfinity ? 1.0 : lambda / (lambda + epsilon);
}

int Sinkhorn(const TransportProblem& problem, const SinkhornOptions& options, Duals& duals,
             absl::Span<double> plan) {
  Solution solution(problem, options);
  solution.Start(duals);
  const int iterations = solution.Iterate();
  solution.Plan(plan);
  duals = solution.TakeDuals();
  return iterations;
}

}  // namespace polystep
