// Gradient-free optimizers of others on whole candidates, for baseline_bench: OpenAI-ES, SPSA and
// separable CMA-ES, each from the same start and with the same random numbers behind it.
#ifndef POLYSTEP_TESTS_BENCH_NETS_BASELINE_H_
#define POLYSTEP_TESTS_BENCH_NETS_BASELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace polystep::bench {

// 2^24 standard normals, drawn once; a direction is a stretch of them (Salimans et al. 2017, 2.1).
class NoiseTable {
 public:
  NoiseTable(uint64_t seed, int threads);
  // A stretch of `count` numbers, chosen by (seed, iteration, n).
  const float* Direction(int64_t iteration, size_t n, size_t count) const;

 private:
  const uint64_t seed_;
  std::vector<float> values_;
};

struct BaselineOptions {
  size_t population = 0;   // losses of an iteration; 0: the method's choice
  double sigma = 0.05;     // deviation (OpenAI-ES, the first one of sep-CMA-ES), gain c of SPSA
  double rate = 0.01;      // of Adam; SPSA: mean move of a weight in the first iteration
  int64_t iterations = 1;  // that the budget has at `population`: what rates fall over
  int threads = 1;
};

// Ask with Count and Candidate (thread-safe), tell with the losses in the same order.
class Baseline {
 public:
  virtual ~Baseline() = default;
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;

  size_t population() const { return options_.population; }
  // The candidate n < population() of this iteration.
  virtual void Candidate(size_t n, absl::Span<float> values) const = 0;
  virtual void Tell(absl::Span<const double> losses) = 0;
  // What is scored.
  virtual absl::Span<const float> center() const = 0;

 protected:
  Baseline(const NoiseTable& noise, const BaselineOptions& options)
      : noise_(noise), options_(options) {}

  const NoiseTable& noise_;
  const BaselineOptions options_;
};

// Evaluations of an iteration unless told: 64, SPSA 16, sep-CMA-ES 4 + 3 ln(dimension).
size_t DefaultPopulation(absl::string_view method, size_t dimension);

// openai-es: antithetic Gaussian directions, centered ranks, Adam whose rate falls in a straight
// line to nothing.
std::unique_ptr<Baseline> MakeOpenAiEs(const NoiseTable& noise, std::vector<float> start,
                                       const BaselineOptions& options);
// spsa: a_k = a / (k + 1 + A)^0.602, c_k = c / (k + 1)^0.101, A a tenth of the iterations (Spall
// 1998); population() / 2 pairs averaged; a from `rate` and the first estimate.
std::unique_ptr<Baseline> MakeSpsa(const NoiseTable& noise, std::vector<float> start,
                                   const BaselineOptions& options);
// sep-cma-es: Ros and Hansen 2008, with the default constants.
std::unique_ptr<Baseline> MakeSepCma(const NoiseTable& noise, std::vector<float> start,
                                     const BaselineOptions& options);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_NETS_BASELINE_H_
