// A simulator that stays: one process per slot, one JSON line to it and one from it per evaluation.
//
// A process that crashes, answers something else than a loss or takes too long is ended, and a
// fresh one serves the next evaluation. Thread-safe: one call at a time per slot.
#ifndef POLYSTEP_CLIENT_CLI_PERSISTENT_H_
#define POLYSTEP_CLIENT_CLI_PERSISTENT_H_

#include "absl/status/statusor.h"
#include "client/cli/simulator.h"
#include "client/cpp/evaluation.h"

namespace polystep::cli {

absl::StatusOr<client::Evaluator> MakePersistentSimulator(SimulatorOptions options, int slots);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_PERSISTENT_H_
