#include "tests/bench/core/triad.h"

#include <algorithm>
#include <cstddef>
#include <ctime>
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
    const double start = ThreadSeconds();
    for (size_t i = 0; i < kCount; ++i) a[i] = b[i] + 3.0 * c[i];
    benchmark::DoNotOptimize(a.data());
    benchmark::ClobberMemory();
    best = std::max(best, 3.0 * sizeof(double) * kCount / (ThreadSeconds() - start));
  }
  return best;
}

}  // namespace

double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double TriadBandwidth() {
  static const double bandwidth = Measure();
  return bandwidth;
}

}  // namespace polystep::bench
