// What `worker` and `minimize` share: a command as an evaluator, and how a worker's end becomes an
// exit code. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_SIMULATOR_VERB_H_
#define POLYSTEP_CLIENT_CLI_SIMULATOR_VERB_H_

#include "absl/status/statusor.h"
#include "client/cli/command_line.h"
#include "client/cli/verbs.h"
#include "client/cpp/evaluation.h"
#include "client/cpp/worker.h"

namespace polystep::cli {

// FAILED_PRECONDITION if the command cannot start. Adopts orphans from now on.
absl::StatusOr<client::Evaluator> MakeEvaluator(const CommandLine& line, int slots);

// Prints an error if there is one.
int WorkerExitCode(const client::WorkerSummary& summary, Streams& streams);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_SIMULATOR_VERB_H_
