#include <cmath>

#include "tests/bench/nets/baseline.h"

namespace polystep::bench {
namespace {

constexpr double kAlpha = 0.602, kGamma = 0.101;  // Spall's

class Spsa : public Baseline {
 public:
  Spsa(const NoiseTable& noise, std::vector<float> start, const BaselineOptions& options)
      : Baseline(noise, options),
        center_(std::move(start)),
        delay_(0.1 * static_cast<double>(options.iterations)) {}

  void Candidate(size_t n, absl::Span<float> values) const override {
    const float* direction = noise_.Direction(iteration_, n / 2, center_.size());
    const auto reach = static_cast<float>(n % 2 == 0 ? Reach() : -Reach());
    for (size_t k = 0; k < values.size(); ++k) values[k] = center_[k] + Signed(reach, direction[k]);
  }

  void Tell(absl::Span<const double> losses) override {
    const size_t pairs = losses.size() / 2;
    std::vector<float> estimate(center_.size());
    for (size_t p = 0; p < pairs; ++p) {
      const float* direction = noise_.Direction(iteration_, p, center_.size());
      const auto slope = static_cast<float>((losses[2 * p] - losses[2 * p + 1]) /
                                            (2.0 * Reach() * static_cast<double>(pairs)));
      for (size_t k = 0; k < estimate.size(); ++k) estimate[k] += Signed(slope, direction[k]);
    }
    if (gain_ == 0.0) gain_ = FirstGain(estimate);
    const auto rate = static_cast<float>(
        gain_ / std::pow(static_cast<double>(iteration_) + 1.0 + delay_, kAlpha));
    for (size_t k = 0; k < estimate.size(); ++k) center_[k] -= rate * estimate[k];
    ++iteration_;
  }

  absl::Span<const float> center() const override { return center_; }

 private:
  // Bernoulli: +-1 as the sign of a normal.
  static float Signed(float value, float normal) { return std::signbit(normal) ? -value : value; }
  double Reach() const {
    return options_.sigma / std::pow(static_cast<double>(iteration_) + 1.0, kGamma);
  }
  // a so that the first move is `rate` a weight, on average; 0 if all losses were equal.
  double FirstGain(absl::Span<const float> estimate) const {
    double sum = 0.0;
    for (const float value : estimate) sum += std::abs(value);
    if (sum == 0.0) return 0.0;
    return options_.rate * static_cast<double>(estimate.size()) / sum *
           std::pow(static_cast<double>(iteration_) + 1.0 + delay_, kAlpha);
  }

  std::vector<float> center_;
  const double delay_;
  double gain_ = 0.0;
  int64_t iteration_ = 0;
};

}  // namespace

std::unique_ptr<Baseline> MakeSpsa(const NoiseTable& noise, std::vector<float> start,
                                   const BaselineOptions& options) {
  return std::make_unique<Spsa>(noise, std::move(start), options);
}

}  // namespace polystep::bench
