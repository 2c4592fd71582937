// Callers that repeat one call as fast as it returns, on a thread each, and how long it took them.
#ifndef POLYSTEP_TESTS_BENCH_THROUGHPUT_CALLERS_H_
#define POLYSTEP_TESTS_BENCH_THROUGHPUT_CALLERS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"

namespace polystep::bench {

// What one call moved.
struct CallResult {
  uint32_t losses = 0;  // accepted
  uint64_t bytes_out = 0;
  uint64_t bytes_in = 0;
  bool timed = true;  // false: its time is not that of the call (a step was closed meanwhile)
};

// What all callers did.
struct Traffic {
  int64_t calls = 0;
  int64_t losses = 0;
  uint64_t bytes_out = 0;
  uint64_t bytes_in = 0;
  double seconds = 0.0;
  std::vector<float> latencies;  // seconds, of the timed calls

  double losses_per_s() const { return static_cast<double>(losses) / seconds; }
  double bytes_per_s() const { return static_cast<double>(bytes_out + bytes_in) / seconds; }
  void Add(const Traffic& other);
};

// The p-th percentile of `values` (0 without any), p in [0, 100].
double Percentile(std::vector<float> values, double p);

// Runs `call(caller)` again and again on `callers` threads for that long. A call that began in time
// counts with all of its time.
Traffic RunCallers(int callers, absl::Duration duration,
                   const std::function<CallResult(int)>& call);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_THROUGHPUT_CALLERS_H_
