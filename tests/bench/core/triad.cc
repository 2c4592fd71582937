#include "tests/bench/core/triad.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "benchmark/benchmark.h"

namespace polystep::bench {
namespace {

double Measure() {
  constexpr size_t kCount = size_t{8} << 20;
  constexpr int kPasses = 10;
  std::vector<double> a(kCount, 0.0);
  std::vector<double> b(kCount, 1.0);
  std::vector<double> c(kCount, 2.0);
  double best = 0.0;
  for (int pass = 0; pass < kPasses; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kCount; ++i) a[i] = b[i] + 3.0 * c[i];
    benchmark::DoNotOptimize(a.data());
    benchmark::ClobberMemory();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::max(best, 3.0 * sizeof(double) * kCount / took.count());
  }
  return best;
}

}  // namespace

double TriadBandwidth() {
  static const double bandwidth = Measure();
  return bandwidth;
}

}  // namespace polystep::bench
