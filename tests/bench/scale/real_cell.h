// A cell in real time: polystepd in a process of its own, workers of the C++ client that sleep.
#ifndef POLYSTEP_TESTS_BENCH_SCALE_REAL_CELL_H_
#define POLYSTEP_TESTS_BENCH_SCALE_REAL_CELL_H_

#include <string>

#include "tests/bench/scale/cell.h"

namespace polystep::bench {

// The data goes below `folder`. Nobody dies in it.
ScaleResult RunReal(const ScaleCell& cell, const std::string& folder);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SCALE_REAL_CELL_H_
