// Solves a formula through a server, its own or one that is named: creates the study, evaluates its
// candidates and reports. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_SOLVE_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_SOLVE_H_

#include <optional>
#include <ostream>
#include <stop_token>
#include <string>

#include "client/examples/maxsat/study.h"

namespace polystep::maxsat {

struct SolveOptions {
  std::string file;
  std::string server;  // HOST:PORT; empty: one in this process, over a temporary folder
  StudyOptions study;  // but its hard_weight
  std::optional<uint64_t> hard_weight;  // absent: DefaultHardWeight
  int workers = 0;                      // threads that evaluate; 0: one a core
  // Most evaluations of one lease: so few that the next ones come and the last ones go while these
  // are counted, and so many that calls do not count. Fewer where processes share a small study.
  uint32_t lease = 16384;
  double time_limit_s = 120.0;  // from the start of the call
};

// Prints the lines of a MaxSAT solver to `out`, errors and a progress bar (on a terminal) to
// `err`. Ends at the time limit or when `stop` is requested, with the best assignment so far, and
// pauses the study, if this call opened it, so that the next one goes on with it.
// Returns the exit code: 0 done, 1 the server or a worker failed, 2 the file cannot be read, 3 the
// server cannot be reached.
int Solve(const SolveOptions& options, std::ostream& out, std::ostream& err, bool terminal,
          const std::stop_token& stop);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_SOLVE_H_
