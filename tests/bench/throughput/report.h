// What a cell gave, as a line of the table and as JSON.
#ifndef POLYSTEP_TESTS_BENCH_THROUGHPUT_REPORT_H_
#define POLYSTEP_TESTS_BENCH_THROUGHPUT_REPORT_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/bench/throughput/callers.h"
#include "tests/bench/throughput/service_load.h"

namespace polystep::bench {

struct Measurement {
  Cell cell;
  Traffic service, echo, commits;
  double server_seconds = 0.0;  // processor time
  double idle_before = 0.0;     // share of the machine, in percent, before the cell
};

std::string TableHead();
std::string TableLine(const Measurement& measurement);
nlohmann::json ToJson(const Measurement& measurement);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_THROUGHPUT_REPORT_H_
