// A store in memory that can lose power: the Storage of the simulation.
//
// A unit becomes durable some seeded time after Commit, together with the units queued when that
// commit began, and is acknowledged some seeded time after that. Crash() may fall between the two:
// then the unit is there and nobody was told. What is durable survives, so a new engine on the same
// object sees what a restarted server would. Callbacks run on the executor. Thread-safe.
#ifndef POLYSTEP_TESTS_SIM_CRASHABLE_STORAGE_H_
#define POLYSTEP_TESTS_SIM_CRASHABLE_STORAGE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "server/base/executor.h"
#include "server/base/mutex.h"
#include "server/storage/storage.h"

namespace polystep {

class CrashableStorage : public Storage {
 public:
  struct Options {
    uint64_t seed = 1;                                 // of the delays
    absl::Duration max_delay = absl::Milliseconds(5);  // of each half of a commit
    size_t max_queued_units = 4096;                    // beyond: RESOURCE_EXHAUSTED
  };

  // The executor outlives the store and does not run its tasks afterwards.
  CrashableStorage(Options options, Executor* executor);

  void Commit(std::vector<Mutation> mutations, Done done) override;
  absl::StatusOr<std::vector<StudyRecord>> Studies() override;
  absl::StatusOr<StudyHistory> History(std::string_view uid) override;
  absl::StatusOr<std::vector<StepRecord>> Steps(std::string_view uid, int64_t first_step,
                                                int limit) override;
  absl::StatusOr<std::vector<TensorRecord>> Tensors() override;
  absl::StatusOr<std::string> TensorValues(std::string_view id) override;
  absl::StatusOr<std::string> Secret() override;

  // Power off and on: drops what is not durable and every `done` that has not run, without running
  // it. Commits that follow are those of the next server.
  void Crash();
  // From now on every unit fails with `status` and nothing is written, until the next Crash().
  void Fail(absl::Status status);

 private:
  struct Unit {
    std::vector<Mutation> mutations;
    Done done;
    absl::Status result;
  };
  struct Study {
    StudyRecord record;
    std::optional<SnapshotRecord> snapshot;
    std::vector<AnswerRecord> answers;
    std::map<int64_t, StepRecord> steps;
  };

  struct Tensor {
    TensorRecord record;
    std::string values;
  };

  void BeginGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeDurable(uint64_t epoch);
  void Acknowledge(uint64_t epoch);
  absl::Status Check(const std::vector<Mutation>& mutations) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(Mutation mutation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration NextDelay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Executor* const executor_;
  Mutex mutex_;
  std::map<std::string, Study, std::less<>> studies_ ABSL_GUARDED_BY(mutex_);   // durable, by uid
  std::map<std::string, Tensor, std::less<>> tensors_ ABSL_GUARDED_BY(mutex_);  // durable, by id
  std::deque<Unit> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<Unit> group_ ABSL_GUARDED_BY(mutex_);  // being committed
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;       // counts crashes: older tasks do nothing
  uint64_t random_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_SIM_CRASHABLE_STORAGE_H_
