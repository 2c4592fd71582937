// Lines of the tables and their JSON.
#ifndef POLYSTEP_TESTS_BENCH_SCALE_REPORT_H_
#define POLYSTEP_TESTS_BENCH_SCALE_REPORT_H_

#include <string>

#include "nlohmann/json.hpp"
#include "tests/bench/scale/cell.h"
#include "tests/bench/scale/idle_polls.h"

namespace polystep::bench {

// Of a cell in virtual time, or in real time with how idle the machine was before.
struct ScaleLine {
  ScaleCell cell;
  ScaleResult result;
  bool real = false;
  double idle_before = 100.0;  // percent

  double MedianStep() const;  // seconds
  double MeanStep() const;
  // Work of a step over what the workers could have done in its (mean) time; slow ones could less.
  double Utilisation() const;
  double StepOverRounds() const;  // of the median, over full rounds of the measured sleep
  double ExtraPerStep() const;    // evaluations nobody needed
};

std::string ScaleHead();
std::string ToText(const ScaleLine& line);
nlohmann::json ToJson(const ScaleLine& line);
std::string ToText(const PollsResult& result);
nlohmann::json ToJson(const PollsResult& result);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SCALE_REPORT_H_
