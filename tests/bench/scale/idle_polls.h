// Long polls that find nothing, spread over many studies: what they cost the server, and whether
// each is answered in time.
#ifndef POLYSTEP_TESTS_BENCH_SCALE_IDLE_POLLS_H_
#define POLYSTEP_TESTS_BENCH_SCALE_IDLE_POLLS_H_

#include <cstdint>
#include <string>

namespace polystep::bench {

struct PollsResult {
  int studies = 0, polls = 0;
  int failed = 0;            // over their deadline, or refused
  double latest_s = 0.0;     // the longest answer, counted from its call
  double deadline_s = 0.0;   // of each call
  double cpu_share = 0.0;    // of one processor, while they wait
  double studies_mib = 0.0;  // resident with the studies alone
  double polls_mib = 0.0;    // what the polls added
};

PollsResult RunIdlePolls(int studies, int polls, const std::string& folder);

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_SCALE_IDLE_POLLS_H_
