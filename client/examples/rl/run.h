// One run of polystep-rl: a worker of a task's study, and what its best policy is worth.
// Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_RUN_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_RUN_H_

#include <ostream>
#include <stop_token>
#include <string>

#include "client/examples/rl/study.h"

namespace polystep::rl {

struct RunOptions {
  std::string server = "embedded";  // HOST:PORT; "embedded": one here, over a temporary folder
  StudyOptions study;
  int slots = 1;               // episodes are played on so many threads
  bool evaluate_only = false;  // judge the best of a study that is there; search nothing
  bool json = false;
};

// Evaluates candidates until the study ends or `stop` is requested, then plays kTestEpisodes that
// nothing was chosen by. Prints what became of it to `out`; scores as they come, and errors, to
// `err`. Returns the exit code: 0 done, 1 the server or the worker failed, 3 the server cannot be
// reached.
int Run(const RunOptions& options, std::ostream& out, std::ostream& err,
        const std::stop_token& stop);

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_RUN_H_
