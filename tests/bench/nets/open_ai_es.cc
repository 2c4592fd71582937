#include <algorithm>
#include <cmath>
#include <numeric>

#include "client/examples/nets/for_each.h"
#include "tests/bench/nets/baseline.h"

namespace polystep::bench {
namespace {

constexpr size_t kChunk = 4096;  // coordinates updated by one thread at a time

// Ranks from -0.5 (the best) to 0.5; equal losses by their place.
std::vector<double> CenteredRanks(absl::Span<const double> losses) {
  std::vector<size_t> order(losses.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return losses[a] < losses[b]; });
  std::vector<double> ranks(losses.size());
  for (size_t k = 0; k < order.size(); ++k) {
    ranks[order[k]] = static_cast<double>(k) / static_cast<double>(losses.size() - 1) - 0.5;
  }
  return ranks;
}

class OpenAiEs : public Baseline {
 public:
  OpenAiEs(const NoiseTable& noise, std::vector<float> start, const BaselineOptions& options)
      : Baseline(noise, options),
        center_(std::move(start)),
        first_(center_.size()),
        second_(center_.size()) {}

  // Two candidates a direction.
  void Candidate(size_t n, absl::Span<float> values) const override {
    const float* direction = noise_.Direction(iteration_, n / 2, center_.size());
    const auto scale = static_cast<float>(n % 2 == 0 ? options_.sigma : -options_.sigma);
    for (size_t k = 0; k < values.size(); ++k) values[k] = center_[k] + scale * direction[k];
  }

  void Tell(absl::Span<const double> losses) override {
    const std::vector<double> ranks = CenteredRanks(losses);
    const size_t pairs = losses.size() / 2;
    std::vector<const float*> directions(pairs);
    std::vector<float> weights(pairs);
    for (size_t p = 0; p < pairs; ++p) {
      directions[p] = noise_.Direction(iteration_, p, center_.size());
      weights[p] = static_cast<float>((ranks[2 * p] - ranks[2 * p + 1]) /
                                      (static_cast<double>(losses.size()) * options_.sigma));
    }
    const double left = 1.0 - static_cast<double>(iteration_) /
                                  static_cast<double>(std::max<int64_t>(1, options_.iterations));
    ++iteration_;
    const double corrected =
        std::sqrt(1.0 - std::pow(kBeta2, iteration_)) / (1.0 - std::pow(kBeta1, iteration_));
    const auto rate = static_cast<float>(options_.rate * std::max(0.0, left) * corrected);
    nets::ForEach((center_.size() + kChunk - 1) / kChunk, options_.threads, [&](size_t chunk) {
      const size_t begin = chunk * kChunk;
      const size_t count = std::min(kChunk, center_.size() - begin);
      std::vector<float> gradient(count);
      for (size_t p = 0; p < pairs; ++p) {
        const float* direction = directions[p] + begin;
        for (size_t k = 0; k < count; ++k) gradient[k] += weights[p] * direction[k];
      }
      Adam(begin, gradient, rate);
    });
  }

  absl::Span<const float> center() const override { return center_; }

 private:
  static constexpr float kBeta1 = 0.9f, kBeta2 = 0.999f, kEpsilon = 1e-8f;

  void Adam(size_t begin, absl::Span<const float> gradient, float rate) {
    for (size_t k = 0; k < gradient.size(); ++k) {
      float& first = first_[begin + k];
      float& second = second_[begin + k];
      first = kBeta1 * first + (1.0f - kBeta1) * gradient[k];
      second = kBeta2 * second + (1.0f - kBeta2) * gradient[k] * gradient[k];
      center_[begin + k] -= rate * first / (std::sqrt(second) + kEpsilon);
    }
  }

  std::vector<float> center_, first_, second_;
  int64_t iteration_ = 0;
};

}  // namespace

std::unique_ptr<Baseline> MakeOpenAiEs(const NoiseTable& noise, std::vector<float> start,
                                       const BaselineOptions& options) {
  return std::make_unique<OpenAiEs>(noise, std::move(start), options);
}

}  // namespace polystep::bench
