// What the engine writes into the store's opaque records, and back.
//
// server/storage/FORMAT.md describes the bytes. Every record starts with its version; decoding
// damaged bytes is DATA_LOSS, those of a newer program FAILED_PRECONDITION (REVISION_UNKNOWN),
// never a crash. Pure functions over values.
#ifndef POLYSTEP_SERVER_ENGINE_RECORDS_H_
#define POLYSTEP_SERVER_ENGINE_RECORDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/answers.h"
#include "server/engine/engine.h"
#include "server/engine/progress.h"
#include "server/engine/study_spec.h"

namespace polystep {

// StudyRecord.bytes: what does not follow from the answers.
struct StudyEntry {
  std::string display_name;
  std::map<std::string, std::string> labels;
  std::string request_id;  // of its creation
  int32_t algorithm_revision = 0;
  StudySpec requested;  // as at creation, the seed filled in
  SearchSpec resolved;  // nothing automatic left
  LeasePolicy lease;    // now
  StopCriteria stop;    // now
  StudyState state = StudyState::kActive;
  std::string state_reason;
  int64_t revision = 0;  // counts mutations; makes the etag
  absl::Time create_time, update_time;
  absl::Duration active_time;  // until the last mutation
};

// AnswerRecord.bytes: one of these. The log of a step in its order is all that recovery needs.
struct PolicyChange {
  StopCriteria stop;
  bool before_open = false;  // no step was open: it acts on the step of its record
};
// A lease that outlives a restart: its range is not offered again before its time.
struct LongLease {
  uint64_t lease_id = 0;
  uint32_t first = 0, count = 0;
  absl::Duration ttl;
  Encoding encoding = Encoding::kNamed;
  std::string worker, request_id;
};
// It was given back or lost with something left.
struct LongLeaseEnd {
  uint64_t lease_id = 0;
};
// The circuit breaker starts to count anew.
struct BreakerReset {};
using LogEntry = std::variant<Answers, PolicyChange, LongLease, LongLeaseEnd, BreakerReset>;

// SnapshotRecord.bytes: the state before a step.
struct SnapshotEntry {
  std::string search;  // Search::Save()
  std::string digest;  // 32 bytes
  Progress progress;
  SoftCounters counters;
  StopCriteria stop;  // in force when the step opens
  absl::Duration active_time;
};

std::string EncodeStudyEntry(const StudyEntry& entry);
absl::StatusOr<StudyEntry> DecodeStudyEntry(std::string_view bytes);

std::string EncodeLogEntry(const LogEntry& entry);
absl::StatusOr<LogEntry> DecodeLogEntry(std::string_view bytes);

// The row's digest is hex, the record's raw; `summary.step` is the record's step.
std::string EncodeStepRow(const StepRow& row);
absl::StatusOr<StepRow> DecodeStepRow(int64_t step, std::string_view bytes);

std::string EncodeSnapshot(const SnapshotEntry& snapshot);
absl::StatusOr<SnapshotEntry> DecodeSnapshot(std::string_view bytes);

// `spec` without what a repeated creation may leave open: two equal texts ask for the same study.
std::string SpecFingerprint(const StudySpec& spec);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_RECORDS_H_
