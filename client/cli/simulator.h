// An executable as an Evaluator: one process per evaluation, or one per slot (persistent.h).
//
// How values reach it and how its end is judged is written in README.md. Thread-safe: one call at
// a time per slot.
#ifndef POLYSTEP_CLIENT_CLI_SIMULATOR_H_
#define POLYSTEP_CLIENT_CLI_SIMULATOR_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/child_process.h"
#include "client/cli/scratch.h"
#include "client/cpp/evaluation.h"

namespace polystep::cli {

struct SimulatorOptions {
  std::vector<std::string> command = {};  // the program, searched in PATH, and its arguments
  std::optional<std::chrono::nanoseconds> timeout = {};  // of one evaluation
  bool retry_failures = false;                           // failures are TRANSIENT, not INFEASIBLE
};

// The executable file that `program` names: itself if it holds a '/', else searched in PATH.
// FAILED_PRECONDITION if there is none: "a command that cannot start".
absl::StatusOr<std::string> FindProgram(const std::string& program);

// What both kinds of simulator share: options checked and resolved once.
struct SimulatorSetup {
  SimulatorOptions options;
  std::string path;
  std::vector<std::string> environment;  // of this process, without what evaluations set
  ScratchFolder scratch;

  static absl::StatusOr<std::shared_ptr<SimulatorSetup>> Create(SimulatorOptions options);
  ChildProcess::Time Deadline() const;
  // A failure that is the simulator's: INFEASIBLE, or TRANSIENT if failures are retried.
  client::EvaluationResult Failure(std::string reason) const;
  // How a process that gave no loss ended: 75 is TRANSIENT, 126 and 127 cannot run.
  client::EvaluationResult Judge(int wait_status, std::string_view errors) const;
  client::EvaluationResult TimedOut() const;
};

// POLYSTEP_* entries of one evaluation; `folder` is what POLYSTEP_DIR says.
std::vector<std::string> EvaluationEnvironment(const client::Candidate& candidate, int slot,
                                               const std::string& folder,
                                               const std::string& parameters_json);

// A process per evaluation.
absl::StatusOr<client::Evaluator> MakeSimulator(SimulatorOptions options);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_SIMULATOR_H_
