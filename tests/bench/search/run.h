// One search on one problem, with whatever disturbs its evaluations.
#ifndef POLYSTEP_TESTS_BENCH_SEARCH_RUN_H_
#define POLYSTEP_TESTS_BENCH_SEARCH_RUN_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "tests/bench/search/problem.h"

namespace polystep::bench {

struct Disturbance {
  double missing = 0.0;     // share of evaluations without an answer
  double infeasible = 0.0;  // share answered infeasible
  // A loss f is told as f (1 + multiplicative n1) + additive n2, both n standard normal. Either
  // above 0 makes the study NOISY.
  double additive = 0.0;
  double multiplicative = 0.0;

  bool noisy() const { return additive > 0.0 || multiplicative > 0.0; }
};

struct RunOptions {
  Method method = Method::kAutomatic;
  uint32_t parallelism = 0;
  uint32_t repeats = 1;
  Disturbance disturbance;
  std::vector<double> targets;  // descending; the run stops at the problem's own target
  bool stop_at_target = true;
};

// The true loss of the best point, whatever was told of it.
struct Run {
  double best = std::numeric_limits<double>::infinity();
  int64_t evaluations = 0;  // answered, until the target or to the budget
  int64_t steps = 0;
  bool solved = false;
  std::vector<int64_t> reached;  // evaluations to each of the targets, -1: not
};

Run Minimize(const Problem& problem, const RunOptions& options, uint64_t seed);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SEARCH_RUN_H_
