// What one line of the table is about, and what came of it. Plain values.
#ifndef POLYSTEP_TESTS_BENCH_SCALE_CELL_H_
#define POLYSTEP_TESTS_BENCH_SCALE_CELL_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace polystep::bench {

inline constexpr int kSlowFactor = 100;  // of a straggler
inline constexpr size_t kWarmSteps = 2;  // until the server knows its workers

struct ScaleCell {
  absl::Duration sleep;  // of one evaluation
  uint32_t workers = 1;
  uint32_t each = 32;  // evaluations a step and worker
  uint32_t slow = 0;   // of the workers
  double dying = 0.0;  // share of the workers that dies in the middle of a lease, a step
  bool backups = true;
  absl::Duration ttl = absl::Seconds(2);
  int64_t steps = 14;

  uint32_t evaluations() const { return workers * each; }  // of a step
};

struct ScaleResult {
  std::vector<absl::Duration> steps;  // how long each took, from the third on
  double sleep_s = 0.0;               // measured, of one evaluation
  int64_t evaluated = 0;              // by all workers, in all steps
  int64_t deaths = 0;
  absl::Duration longest_gap;  // from a death until its range ran elsewhere
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SCALE_CELL_H_
