// The durable half of a study: the search, the open step's ledger and the digest, as a function of
// the log alone.
//
// The live study and recovery drive it by the same calls: Apply log entries in their order, Close a
// complete step, Open the next. Knows neither time nor leases nor workers. Not thread-safe: belongs
// to its study's strand.
#ifndef POLYSTEP_SERVER_ENGINE_TRAJECTORY_H_
#define POLYSTEP_SERVER_ENGINE_TRAJECTORY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/search/search.h"
#include "server/engine/ledger.h"
#include "server/engine/records.h"

namespace polystep {

class Trajectory {
 public:
  // The state before step 0. `resolved`: StudyEntry::resolved or what Search::Create is to resolve.
  // INVALID_ARGUMENT with the field path below the study spec.
  static absl::StatusOr<Trajectory> Create(const StudySpec& spec, SearchSpec resolved);

  // DATA_LOSS if the snapshot does not fit the spec or is not of `step`.
  absl::Status Restore(int64_t step, const SnapshotEntry& snapshot);
  // The state before the open step, or as it is if none is open. The caller fills in the rest.
  SnapshotEntry Snapshot() const;

  const Search& search() const { return search_; }
  int64_t step() const { return search_.step(); }
  const std::string& digest() const { return digest_; }  // raw, of the state before step()

  // Counted through the last answer.
  Progress progress() const;
  int64_t closed_evaluations() const { return progress_.evaluations; }

  // Criteria for the next step; those of an open step are not changed.
  const StopCriteria& stop() const { return stop_; }
  void set_stop(const StopCriteria& stop) { stop_ = stop; }
  // Why no further step should open, tested between steps; max_time is not for us.
  std::optional<std::string> StopReason() const;

  // A plan is open and waits for answers, or is complete.
  bool is_open() const { return ledger_.has_value(); }
  // False if max_evaluations leaves no room for one row. Not while one is open.
  bool Open();
  const StepPlan& plan() const { return plan_; }  // of the open step
  Ledger& ledger() { return *ledger_; }
  const Ledger& ledger() const { return *ledger_; }
  bool complete() const { return is_open() && ledger_->complete(); }

  // For answers to the open step.
  Ledger::Applied Apply(const Answers& answers) { return ledger_->Apply(answers); }
  void ResetBreaker();
  // Why the circuit breaker trips at `max_failed_fraction`.
  std::optional<std::string> BreakerReason(double max_failed_fraction) const;

  // Closes the complete step. The row has the user's sign and no time. `run` runs the work it is
  // given, once: the digest over the new state, which only reads the search and takes a while.
  using Run = absl::FunctionRef<void(absl::FunctionRef<void()>)>;
  StepRow Close(Run run);
  StepRow Close() {
    return Close([](absl::FunctionRef<void()> work) { work(); });
  }

  // From what core minimises to what the user sees, and back.
  double Sign(double loss) const { return maximize_ ? -loss : loss; }

 private:
  Trajectory(const StudySpec& spec, Search search);

  Search search_;
  bool maximize_;
  std::string digest_;
  Progress progress_;  // through the last closed step
  StopCriteria stop_;
  StopCriteria opened_with_;
  StepPlan plan_;
  std::optional<Ledger> ledger_;
  int64_t breaker_base_answers_ = 0;  // of the open step, when the breaker was reset
  int64_t breaker_base_failed_ = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_TRAJECTORY_H_
