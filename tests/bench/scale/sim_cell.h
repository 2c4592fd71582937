// A cell on the real engine, in one thread and virtual time: nothing but the engine's decisions and
// the delays of wire and store.
#ifndef POLYSTEP_TESTS_BENCH_SCALE_SIM_CELL_H_
#define POLYSTEP_TESTS_BENCH_SCALE_SIM_CELL_H_

#include "tests/bench/scale/cell.h"

namespace polystep::bench {

ScaleResult RunSimulated(const ScaleCell& cell);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SCALE_SIM_CELL_H_
