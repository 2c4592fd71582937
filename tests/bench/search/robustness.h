// What missing and infeasible evaluations cost: evaluations to a ladder of targets with them, over
// those without.
#ifndef POLYSTEP_TESTS_BENCH_SEARCH_ROBUSTNESS_H_
#define POLYSTEP_TESTS_BENCH_SEARCH_ROBUSTNESS_H_

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/search/run.h"

namespace polystep::bench {

using ProblemMaker = std::function<Problem(const std::string& name, uint64_t seed)>;

// One row a problem and a last one for the table. A target counts where half of the seeds of both
// reach it; the ratio is that of the medians over seeds (a run that does not reach it counts as
// longer than any), in answered evaluations; rows and table are geometric means. Seeds run from 1.
void ReportRobustness(const std::vector<std::string>& problems, const ProblemMaker& make,
                      const RunOptions& options, int seeds);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SEARCH_ROBUSTNESS_H_
