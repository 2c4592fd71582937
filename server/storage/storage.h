// The durable store behind one write path: decide, commit, apply, acknowledge.
//
// Records are opaque bytes to the store; server/storage/FORMAT.md says what is in them. Two
// implementations: SQLite (sqlite_storage.h) and a crashable one in memory for the simulation
// (tests/sim).
#ifndef POLYSTEP_SERVER_STORAGE_STORAGE_H_
#define POLYSTEP_SERVER_STORAGE_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace polystep {

// One study. `uid` never changes and is never used again; `id` is what users call it.
struct StudyRecord {
  std::string uid;
  std::string id;
  std::string bytes;  // everything else, as encoded by the engine
};

// One accepted batch of answers to one step, in the order of acceptance.
struct AnswerRecord {
  int64_t step = 0;
  std::string bytes;
};

// One closed step. Derived from the answers, so it may reach the disk after the next step opened.
struct StepRecord {
  int64_t step = 0;
  std::string bytes;
};

// The state before step `step`; replaces the study's earlier snapshot.
struct SnapshotRecord {
  int64_t step = 0;
  std::string bytes;
};

// Uploaded values by the id of their content.
struct TensorRecord {
  std::string id;
  std::string bytes;  // what is known of them, as encoded by the engine
};

// Mutations. PutStudy inserts or replaces by uid (ALREADY_EXISTS if another study has the id);
// EraseStudy removes the study and all its records;
// those of a step belong to a study that exists (NOT_FOUND). PutStep of a step that is there
// already replaces it. PutTensor inserts, or replaces by id: with no parts those that are there
// stay. EraseTensor of one that is not there does nothing.
struct PutStudy {
  StudyRecord study;
};
struct EraseStudy {
  std::string uid;
};
struct AppendAnswers {
  std::string uid;
  AnswerRecord answers;
};
struct PutStep {
  std::string uid;
  StepRecord step;
};
struct PutSnapshot {
  std::string uid;
  SnapshotRecord snapshot;
};
struct PutTensor {
  TensorRecord tensor;
  std::vector<std::string> parts;  // the values, in pieces, so that no row is huge
};
struct EraseTensor {
  std::string id;
};
using Mutation =
    std::variant<PutStudy, EraseStudy, AppendAnswers, PutStep, PutSnapshot, PutTensor, EraseTensor>;

// What recovery needs of one study.
struct StudyHistory {
  std::optional<SnapshotRecord> snapshot;
  std::vector<AnswerRecord> answers;  // of the snapshot's step and later, by step, then as accepted
  std::vector<StepRecord> steps;      // likewise; used to verify digests
};

class Storage {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;

  virtual ~Storage() = default;

  // Queues `mutations` as one atomic unit and returns at once. Units become durable in the order
  // of the calls; many may share one transaction. `done` runs on a thread of the store once the
  // unit is on stable storage, or with the error that stopped the store: after one failure every
  // later unit fails with the same status and nothing more is written. A unit that is wrong by
  // itself (NOT_FOUND, ALREADY_EXISTS) fails alone and whole. RESOURCE_EXHAUSTED, at
  // once through `done`, when the queue is full. An empty unit is a barrier. Thread-safe.
  virtual void Commit(std::vector<Mutation> mutations, Done done) = 0;
  // The same in two parts, for a caller who has to wait anyway: the unit may stay queued until the
  // next Commit or Flush, and Flush may write what is queued, and run its `done`, inside the call,
  // which saves two changes of threads. Flush not with a lock held that a `done` may want.
  virtual void Enqueue(std::vector<Mutation> mutations, Done done) {
    Commit(std::move(mutations), std::move(done));
  }
  virtual void Flush() {}

  // Reads see every unit whose `done` ran. Thread-safe. DATA_LOSS where the store is corrupt.
  virtual absl::StatusOr<std::vector<StudyRecord>> Studies() = 0;
  virtual absl::StatusOr<StudyHistory> History(std::string_view uid) = 0;
  // Up to `limit` closed steps from `first_step` on, ascending.
  virtual absl::StatusOr<std::vector<StepRecord>> Steps(std::string_view uid, int64_t first_step,
                                                        int limit) = 0;
  virtual absl::StatusOr<std::vector<TensorRecord>> Tensors() = 0;
  // The parts of one, one after the other; NOT_FOUND.
  virtual absl::StatusOr<std::string> TensorValues(std::string_view id) = 0;
  // 32 secret bytes drawn when the store was made: the key of lease tokens.
  virtual absl::StatusOr<std::string> Secret() = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_STORAGE_H_
