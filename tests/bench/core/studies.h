// Searches of chosen methods and sizes, and answers that make them move, for the core's benchmark.
#ifndef POLYSTEP_TESTS_BENCH_CORE_STUDIES_H_
#define POLYSTEP_TESTS_BENCH_CORE_STUDIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/search/search.h"

namespace polystep::bench {

// One tensor of `dimension` real elements, cut into blocks of `particle_dim`.
Search BlockStudy(int64_t dimension, uint32_t particle_dim);
// One tensor of `dimension` bits.
Search FlipStudy(int64_t dimension);
Search RowsStudy(int64_t rows, int64_t size);
// `dimension` real parameters, automatic method without a horizon.
Search MetricStudy(int64_t dimension);

// Losses for every index of the open step: pseudo-random, the same in every run.
std::vector<double> SomeLosses(const StepPlan& plan);

// Opens a step and closes it with SomeLosses.
void RunStep(Search& search);

// SHA-256 of the saved state, 16 hex digits of it.
std::string StateDigest(const Search& search);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_CORE_STUDIES_H_
