#include <algorithm>
#include <cmath>
#include <numeric>

#include "client/examples/nets/for_each.h"
#include "tests/bench/nets/baseline.h"

namespace polystep::bench {
namespace {

constexpr size_t kChunk = 4096;  // coordinates updated by one thread at a time

// The constants of Hansen's CMA-ES as sep-CMA-ES has them: n the dimension, lambda the population.
struct Constants {
  Constants(double n, double lambda) : weights(static_cast<size_t>(lambda / 2)) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < weights.size(); ++i) {
      weights[i] = std::log((lambda + 1.0) / 2.0) - std::log(static_cast<double>(i) + 1.0);
      sum += weights[i];
    }
    for (double& weight : weights) {
      weight /= sum;
      squares += weight * weight;
    }
    effective = 1.0 / squares;
    path_sigma = (effective + 2.0) / (n + effective + 3.0);
    damping =
        1.0 + 2.0 * std::max(0.0, std::sqrt((effective - 1.0) / (n + 1.0)) - 1.0) + path_sigma;
    path = 4.0 / (n + 4.0);
    const double full =
        2.0 / ((n + std::sqrt(2.0)) * (n + std::sqrt(2.0))) / effective +
        (1.0 - 1.0 / effective) *
            std::min(1.0, (2.0 * effective - 1.0) / ((n + 2.0) * (n + 2.0) + effective));
    covariance = std::min(1.0, full * (n + 2.0) / 3.0);
    norm = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
  }

  std::vector<double> weights;  // of the best half, falling
  double effective = 0.0;       // mu_eff
  double path_sigma = 0.0, damping = 0.0, path = 0.0, covariance = 0.0;
  double norm = 0.0;  // E|N(0, I)|
};

class SepCma : public Baseline {
 public:
  SepCma(const NoiseTable& noise, std::vector<float> start, const BaselineOptions& options)
      : Baseline(noise, options),
        constants_(static_cast<double>(start.size()), static_cast<double>(options.population)),
        mean_(start.begin(), start.end()),
        center_(std::move(start)),
        variance_(mean_.size(), 1.0),
        path_(mean_.size()),
        path_sigma_(mean_.size()),
        sigma_(options.sigma) {}

  void Candidate(size_t n, absl::Span<float> values) const override {
    const float* z = noise_.Direction(iteration_, n, mean_.size());
    for (size_t k = 0; k < values.size(); ++k) {
      values[k] = static_cast<float>(mean_[k] + sigma_ * std::sqrt(variance_[k]) * z[k]);
    }
  }

  void Tell(absl::Span<const double> losses) override {
    std::vector<size_t> order(losses.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return losses[a] < losses[b]; });
    std::vector<const float*> best(constants_.weights.size());
    for (size_t i = 0; i < best.size(); ++i) {
      best[i] = noise_.Direction(iteration_, order[i], mean_.size());
    }
    const double norm = MoveMean(best);
    ++iteration_;
    const double expected =
        std::sqrt(1.0 - std::pow(1.0 - constants_.path_sigma, 2.0 * iteration_)) * constants_.norm;
    const double n = static_cast<double>(mean_.size());
    const bool stalled = norm >= (1.4 + 2.0 / (n + 1.0)) * expected;
    AdaptVariances(best, stalled);
    sigma_ *= std::exp(constants_.path_sigma / constants_.damping * (norm / constants_.norm - 1.0));
    for (size_t k = 0; k < mean_.size(); ++k) center_[k] = static_cast<float>(mean_[k]);
  }

  absl::Span<const float> center() const override { return center_; }

 private:
  // Calls work(begin, end) for all coordinates.
  template <typename Work>
  void ForChunks(const Work& work) const {
    const size_t size = mean_.size();
    nets::ForEach((size + kChunk - 1) / kChunk, options_.threads, [&](size_t chunk) {
      work(chunk * kChunk, std::min(size, (chunk + 1) * kChunk));
    });
  }

  // Moves the mean and the path of sigma; the path's norm.
  double MoveMean(absl::Span<const float* const> best) {
    const double c = constants_.path_sigma;
    const double into = std::sqrt(c * (2.0 - c) * constants_.effective);
    moved_.assign(mean_.size(), 0.0);
    ForChunks([&](size_t begin, size_t end) {
      for (size_t i = 0; i < best.size(); ++i) {
        for (size_t k = begin; k < end; ++k) moved_[k] += constants_.weights[i] * best[i][k];
      }
      for (size_t k = begin; k < end; ++k) {
        mean_[k] += sigma_ * std::sqrt(variance_[k]) * moved_[k];
        path_sigma_[k] = (1.0 - c) * path_sigma_[k] + into * moved_[k];
      }
    });
    double squares = 0.0;
    for (const double value : path_sigma_) squares += value * value;
    return std::sqrt(squares);
  }

  void AdaptVariances(absl::Span<const float* const> best, bool stalled) {
    const double c = constants_.path, cov = constants_.covariance;
    const double into = stalled ? 0.0 : std::sqrt(c * (2.0 - c) * constants_.effective);
    const double kept = 1.0 - cov + (stalled ? cov / constants_.effective * c * (2.0 - c) : 0.0);
    ForChunks([&](size_t begin, size_t end) {
      std::vector<double> spread(end - begin);
      for (size_t i = 0; i < best.size(); ++i) {
        for (size_t k = begin; k < end; ++k) {
          spread[k - begin] += constants_.weights[i] * best[i][k] * best[i][k];
        }
      }
      for (size_t k = begin; k < end; ++k) {
        path_[k] = (1.0 - c) * path_[k] + into * std::sqrt(variance_[k]) * moved_[k];
        variance_[k] = kept * variance_[k] + cov / constants_.effective * path_[k] * path_[k] +
                       cov * (1.0 - 1.0 / constants_.effective) * variance_[k] * spread[k - begin];
      }
    });
  }

  const Constants constants_;
  std::vector<double> mean_;
  std::vector<float> center_;
  std::vector<double> variance_, path_, path_sigma_;
  std::vector<double> moved_;  // weighted mean of the best z
  double sigma_;
  int64_t iteration_ = 0;
};

}  // namespace

std::unique_ptr<Baseline> MakeSepCma(const NoiseTable& noise, std::vector<float> start,
                                     const BaselineOptions& options) {
  return std::make_unique<SepCma>(noise, std::move(start), options);
}

}  // namespace polystep::bench
