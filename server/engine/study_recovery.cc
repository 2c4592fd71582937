// From records to a live study: the snapshot, then the log, each closed step held against its
// stored digest.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/status.h"
#include "server/engine/study.h"
#include "server/engine/study_state.h"

namespace polystep {
namespace {

// Replays the log of one study. Errors name the step; the study is for the caller to name.
class Replay {
 public:
  Replay(Trajectory& trajectory, const StudyHistory& history) : trajectory_(trajectory) {
    for (const StepRecord& record : history.steps) stored_[record.step] = record.bytes;
  }

  absl::Status Run(const std::vector<AnswerRecord>& log) {
    for (const AnswerRecord& record : log) {
      if (record.step < trajectory_.step()) continue;  // repeats of a step that was complete
      if (absl::Status status = AdvanceTo(record.step); !status.ok()) return status;
      absl::StatusOr<LogEntry> entry = DecodeLogEntry(record.bytes);
      if (!entry.ok()) return entry.status();
      if (absl::Status status = ApplyEntry(*entry); !status.ok()) return status;
    }
    // A complete last step was closed, or would have been at once.
    return trajectory_.complete() ? Close() : absl::OkStatus();
  }

  struct Row {
    StepRow row;
    bool stored = false;
  };
  // Long leases of the open step, as the log has them.
  const std::map<uint64_t, LongLease>& leases() const { return leases_; }
  std::vector<Row> TakeRows() { return std::move(rows_); }

 private:
  absl::Status AdvanceTo(int64_t step) {
    while (trajectory_.step() < step) {
      if (absl::Status status = EnsureOpen(); !status.ok()) return status;
      if (!trajectory_.complete()) {
        return absl::DataLossError(absl::StrCat("step ", trajectory_.step(), " lacks ",
                                                trajectory_.ledger().undecided(),
                                                " answers, and step ", step, " has some"));
      }
      if (absl::Status status = Close(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status EnsureOpen() {
    if (trajectory_.is_open() || trajectory_.Open()) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("step ", trajectory_.step(),
                                            " has answers, and no evaluation was left to open it"));
  }

  absl::Status ApplyEntry(const LogEntry& entry) {
    if (std::holds_alternative<BreakerReset>(entry)) {
      trajectory_.ResetBreaker();
      return absl::OkStatus();
    }
    const auto* change = std::get_if<PolicyChange>(&entry);
    if (change == nullptr || !change->before_open) {
      if (absl::Status status = EnsureOpen(); !status.ok()) return status;
    }
    if (change != nullptr) trajectory_.set_stop(change->stop);
    if (const auto* answers = std::get_if<Answers>(&entry)) trajectory_.Apply(*answers);
    if (const auto* lease = std::get_if<LongLease>(&entry)) leases_[lease->lease_id] = *lease;
    if (const auto* end = std::get_if<LongLeaseEnd>(&entry)) leases_.erase(end->lease_id);
    return absl::OkStatus();
  }

  absl::Status Close() {
    StepRow row = trajectory_.Close();
    leases_.clear();
    auto stored = stored_.find(row.summary.step);
    if (stored != stored_.end()) {
      absl::StatusOr<StepRow> before = DecodeStepRow(row.summary.step, stored->second);
      if (!before.ok()) return before.status();
      if (before->digest != row.digest) {
        return absl::DataLossError(absl::StrCat("the digest of step ", row.summary.step, " is ",
                                                row.digest, " after replay, the store has ",
                                                before->digest));
      }
      row.commit_time = before->commit_time;
    }
    rows_.push_back({std::move(row), stored != stored_.end()});
    return absl::OkStatus();
  }

  Trajectory& trajectory_;
  std::map<int64_t, std::string_view> stored_;
  std::map<uint64_t, LongLease> leases_;
  std::vector<Row> rows_;
};

absl::Status Where(const StudyRecord& record, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("study \"", record.id, "\" (uid ", record.uid,
                                                  "): ", status.message()));
}

absl::Status UnknownRevision(const StudyRecord& record, int32_t revision) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "study \"", record.id, "\" is of algorithm revision ", revision,
                        ", this program reproduces revision ", kAlgorithmRevision,
                        ": serve it with a program of that revision")),
                    reason::kRevisionUnknown);
}

}  // namespace

Study::Study(std::shared_ptr<EngineContext> context, const StudyRecord& record, StudyEntry entry,
             std::shared_ptr<const SearchSpace> space, absl::Status refusal)
    : context_(std::move(context)),
      strand_(context_->executor),
      uid_(record.uid),
      id_(record.id),
      requested_(entry.requested),
      request_id_(entry.request_id),
      refusal_(std::move(refusal)),
      entry_(std::move(entry)),
      space_(std::move(space)),
      workers_(1),
      next_lease_id_(0) {}

absl::StatusOr<std::shared_ptr<Study>> Study::Recover(std::shared_ptr<EngineContext> context,
                                                      const StudyRecord& record,
                                                      const StudyHistory& history) {
  absl::StatusOr<StudyEntry> entry = DecodeStudyEntry(record.bytes);
  if (!entry.ok()) return Where(record, entry.status());
  if (absl::Status s = context->uploads->Pin(entry->requested.search); !s.ok()) {
    return Where(record, absl::DataLossError(s.message()));
  }
  if (entry->algorithm_revision != kAlgorithmRevision) {
    absl::StatusOr<SearchSpace> space =
        SearchSpace::Create(entry->resolved.parameters, entry->resolved.tensors);
    if (!space.ok()) return Where(record, space.status());
    int32_t revision = entry->algorithm_revision;
    return std::shared_ptr<Study>(new Study(std::move(context), record, *std::move(entry),
                                            std::make_shared<const SearchSpace>(*std::move(space)),
                                            UnknownRevision(record, revision)));
  }
  SearchSpec resolved = entry->resolved;
  if (absl::Status s = context->uploads->Load(resolved); !s.ok()) return Where(record, s);
  absl::StatusOr<Trajectory> created = Trajectory::Create(entry->requested, std::move(resolved));
  if (!created.ok()) return Where(record, absl::DataLossError(created.status().message()));
  StopCriteria stop_now = entry->stop;
  auto study = std::make_shared<Study>(std::move(context), record.uid, record.id, *std::move(entry),
                                       *std::move(created));
  Trajectory& trajectory = *study->trajectory_;
  if (history.snapshot) {
    absl::StatusOr<SnapshotEntry> snapshot = DecodeSnapshot(history.snapshot->bytes);
    absl::Status status =
        snapshot.ok() ? trajectory.Restore(history.snapshot->step, *snapshot) : snapshot.status();
    if (!status.ok()) return Where(record, status);
    study->counters_ = snapshot->counters;
    study->entry_.active_time = std::max(study->entry_.active_time, snapshot->active_time);
    study->snapshot_bytes_ = history.snapshot->bytes.size();
  }
  Replay replay(trajectory, history);
  if (absl::Status status = replay.Run(history.answers); !status.ok()) {
    return Where(record, status);
  }
  trajectory.set_stop(stop_now);
  for (Replay::Row& replayed : replay.TakeRows()) {
    if (!replayed.stored) {  // a crash took its record, which follows from the answers
      replayed.row.commit_time = study->context_->clock->Now();
      study->derived_.rows.push_back(replayed.row);
    }
    study->Remember(replayed.row);
  }
  for (const AnswerRecord& answers : history.answers) study->log_bytes_ += answers.bytes.size();
  if (!trajectory.is_open()) return study;
  study->leases_.emplace(trajectory.plan(), &trajectory.ledger());
  for (const auto& [id, lease] : replay.leases()) {
    if (uint64_t{lease.first} + lease.count > trajectory.plan().count) {
      return Where(record, absl::DataLossError("a lease lies outside of its step"));
    }
    study->RestoreLease(lease);
  }
  return study;
}

}  // namespace polystep
