#include "server/engine/records.h"

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "server/base/hex.h"
#include "server/engine/limits.h"
#include "server/engine/spec_codec.h"
#include "server/engine/status.h"

namespace polystep {
namespace {

constexpr uint8_t kStudyVersion = 1;
constexpr uint8_t kLogVersion = 1;
constexpr uint8_t kStepVersion = 1;
constexpr uint8_t kSnapshotVersion = 1;

enum class LogKind : uint8_t {
  kAnswers = 1,
  kPolicyChange = 2,
  kLongLease = 3,
  kLongLeaseEnd = 4,
  kBreakerReset = 5,
  kViolations = 6,  // answers, some of which violate constraints
};

absl::Status CheckVersion(const char* record, uint8_t version, uint8_t known) {
  if (version <= known && version > 0) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        record, " record has version ", version, ", this program knows ", known)),
                    reason::kRevisionUnknown);
}

absl::Status Damaged(const char* record) {
  return absl::DataLossError(absl::StrCat("damaged ", record, " record"));
}

void WriteTime(absl::Time time, ByteWriter& out) { out.I64(absl::ToUnixNanos(time)); }
absl::Time ReadTime(ByteReader& in) { return absl::FromUnixNanos(in.I64()); }

void WriteAnswers(const Answers& answers, ByteWriter& out) {
  out.U64(answers.lease_id);
  out.U32(answers.max_attempts);
  out.U32(static_cast<uint32_t>(answers.runs.size()));
  for (const AnswerRun& run : answers.runs) {
    out.U8(static_cast<uint8_t>(run.kind));
    out.U32(run.first);
    out.U32(run.count);
  }
  out.Doubles(answers.losses);
  if (!answers.violations.empty()) out.Doubles(answers.violations);
}

bool ReadAnswers(ByteReader& in, bool violations, Answers& answers) {
  answers.lease_id = in.U64();
  answers.max_attempts = in.U32();
  uint32_t runs = in.U32();
  uint64_t losses = 0;
  for (uint32_t i = 0; i < runs && in.ok(); ++i) {
    uint8_t kind = in.U8();
    uint32_t first = in.U32();
    uint32_t count = in.U32();
    if (kind < 1 || kind > 4 || count == 0 || count > limits::kAnswers || first + count < first) {
      return false;
    }
    answers.runs.push_back({static_cast<AnswerKind>(kind), first, count});
    if (answers.runs.back().kind == AnswerKind::kLoss) losses += count;
  }
  answers.losses = in.Doubles();
  if (violations) answers.violations = in.Doubles();
  return in.ok() && answers.losses.size() == losses &&
         answers.violations.size() == (violations ? losses : 0);
}

void WriteProgress(const Progress& progress, ByteWriter& out) {
  for (int64_t value :
       {progress.evaluations, progress.infeasible, progress.masked, progress.transient,
        progress.score, progress.reused, progress.breaker_answers, progress.breaker_failed}) {
    out.I64(value);
  }
}

Progress ReadProgress(ByteReader& in) {
  Progress progress;
  for (int64_t* value :
       {&progress.evaluations, &progress.infeasible, &progress.masked, &progress.transient,
        &progress.score, &progress.reused, &progress.breaker_answers, &progress.breaker_failed}) {
    *value = in.I64();
  }
  return progress;
}

void WriteOptionalF64(const std::optional<double>& value, ByteWriter& out) {
  out.Bool(value.has_value());
  if (value) out.F64(*value);
}
std::optional<double> ReadOptionalF64(ByteReader& in) {
  if (!in.Bool()) return std::nullopt;
  return in.F64();
}

struct LogWriter {
  ByteWriter& out;

  void Kind(LogKind kind) { out.U8(static_cast<uint8_t>(kind)); }
  void operator()(const Answers& answers) {
    Kind(answers.violations.empty() ? LogKind::kAnswers : LogKind::kViolations);
    WriteAnswers(answers, out);
  }
  void operator()(const PolicyChange& change) {
    Kind(LogKind::kPolicyChange);
    WriteStopCriteria(change.stop, out);
    out.Bool(change.before_open);
  }
  void operator()(const LongLease& lease) {
    Kind(LogKind::kLongLease);
    out.U64(lease.lease_id);
    out.U32(lease.first);
    out.U32(lease.count);
    WriteDuration(lease.ttl, out);
    out.U8(static_cast<uint8_t>(lease.encoding));
    out.Text(lease.worker);
    out.Text(lease.request_id);
  }
  void operator()(const LongLeaseEnd& end) {
    Kind(LogKind::kLongLeaseEnd);
    out.U64(end.lease_id);
  }
  void operator()(const BreakerReset&) { Kind(LogKind::kBreakerReset); }
};

bool ReadLogEntry(ByteReader& in, LogEntry& entry) {
  const auto kind = static_cast<LogKind>(in.U8());
  switch (kind) {
    case LogKind::kAnswers:
    case LogKind::kViolations:
      return ReadAnswers(in, kind == LogKind::kViolations, entry.emplace<Answers>());
    case LogKind::kPolicyChange: {
      auto& change = entry.emplace<PolicyChange>();
      if (!ReadStopCriteria(in, change.stop)) return false;
      change.before_open = in.Bool();
      return true;
    }
    case LogKind::kLongLease: {
      auto& lease = entry.emplace<LongLease>();
      lease.lease_id = in.U64();
      lease.first = in.U32();
      lease.count = in.U32();
      lease.ttl = ReadDuration(in);
      uint8_t encoding = in.U8();
      if (encoding < 1 || encoding > static_cast<uint8_t>(Encoding::kSubspace)) return false;
      lease.encoding = static_cast<Encoding>(encoding);
      lease.worker = in.Text();
      lease.request_id = in.Text();
      return true;
    }
    case LogKind::kLongLeaseEnd:
      entry.emplace<LongLeaseEnd>().lease_id = in.U64();
      return true;
    case LogKind::kBreakerReset:
      entry.emplace<BreakerReset>();
      return true;
  }
  return false;
}

bool ReadStudyFields(ByteReader& in, StudyEntry& entry) {
  entry.display_name = in.Text();
  uint32_t labels = in.U32();
  for (uint32_t i = 0; i < labels && in.ok(); ++i) {
    std::string key = in.Text();
    entry.labels[key] = in.Text();
  }
  entry.request_id = in.Text();
  entry.algorithm_revision = static_cast<int32_t>(in.U32());
  if (!ReadStudySpec(in, entry.requested) || !ReadSearchSpec(in, entry.resolved) ||
      !ReadLeasePolicy(in, entry.lease) || !ReadStopCriteria(in, entry.stop)) {
    return false;
  }
  uint8_t state = in.U8();
  if (state < 1 || state > 5) return false;
  entry.state = static_cast<StudyState>(state);
  entry.state_reason = in.Text();
  entry.revision = in.I64();
  entry.create_time = ReadTime(in);
  entry.update_time = ReadTime(in);
  entry.active_time = ReadDuration(in);
  return in.AtEnd();
}

}  // namespace

std::string EncodeStudyEntry(const StudyEntry& entry) {
  ByteWriter out;
  out.U8(kStudyVersion);
  out.Text(entry.display_name);
  out.U32(static_cast<uint32_t>(entry.labels.size()));
  for (const auto& [key, value] : entry.labels) {
    out.Text(key);
    out.Text(value);
  }
  out.Text(entry.request_id);
  out.U32(static_cast<uint32_t>(entry.algorithm_revision));
  WriteStudySpec(entry.requested, out);
  WriteSearchSpec(entry.resolved, SpecNames::kKeep, out);
  WriteLeasePolicy(entry.lease, out);
  WriteStopCriteria(entry.stop, out);
  out.U8(static_cast<uint8_t>(entry.state));
  out.Text(entry.state_reason);
  out.I64(entry.revision);
  WriteTime(entry.create_time, out);
  WriteTime(entry.update_time, out);
  WriteDuration(entry.active_time, out);
  return out.Take();
}

absl::StatusOr<StudyEntry> DecodeStudyEntry(std::string_view bytes) {
  ByteReader in(bytes);
  if (absl::Status status = CheckVersion("study", in.U8(), kStudyVersion); !status.ok()) {
    return status;
  }
  StudyEntry entry;
  if (!ReadStudyFields(in, entry)) return Damaged("study");
  return entry;
}

std::string EncodeLogEntry(const LogEntry& entry) {
  ByteWriter out;
  out.U8(kLogVersion);
  std::visit(LogWriter{out}, entry);
  return out.Take();
}

absl::StatusOr<LogEntry> DecodeLogEntry(std::string_view bytes) {
  ByteReader in(bytes);
  if (absl::Status status = CheckVersion("answers", in.U8(), kLogVersion); !status.ok()) {
    return status;
  }
  LogEntry entry;
  if (!ReadLogEntry(in, entry) || !in.AtEnd()) return Damaged("answers");
  return entry;
}

std::string EncodeStepRow(const StepRow& row) {
  ByteWriter out;
  out.U8(kStepVersion);
  const StepSummary& summary = row.summary;
  for (uint32_t value : {summary.evaluations, summary.reused, summary.infeasible, summary.masked}) {
    out.U32(value);
  }
  WriteOptionalF64(summary.best_loss, out);
  WriteOptionalF64(summary.mean_loss, out);
  WriteOptionalF64(summary.score, out);
  out.F64(summary.step_radius);
  out.F64(summary.probe_distance);
  out.F64(summary.linear_rate);
  out.Bool(summary.improved);
  out.Text(HexDecode(row.digest).value_or(""));
  WriteTime(row.commit_time, out);
  return out.Take();
}

absl::StatusOr<StepRow> DecodeStepRow(int64_t step, std::string_view bytes) {
  ByteReader in(bytes);
  if (absl::Status status = CheckVersion("step", in.U8(), kStepVersion); !status.ok()) {
    return status;
  }
  StepRow row;
  StepSummary& summary = row.summary;
  summary.step = step;
  for (uint32_t* value :
       {&summary.evaluations, &summary.reused, &summary.infeasible, &summary.masked}) {
    *value = in.U32();
  }
  summary.best_loss = ReadOptionalF64(in);
  summary.mean_loss = ReadOptionalF64(in);
  summary.score = ReadOptionalF64(in);
  summary.step_radius = in.F64();
  summary.probe_distance = in.F64();
  summary.linear_rate = in.F64();
  summary.improved = in.Bool();
  row.digest = HexEncode(in.Text());
  row.commit_time = ReadTime(in);
  if (!in.AtEnd()) return Damaged("step");
  return row;
}

std::string EncodeSnapshot(const SnapshotEntry& snapshot) {
  ByteWriter out;
  out.U8(kSnapshotVersion);
  out.Text(snapshot.digest);
  WriteProgress(snapshot.progress, out);
  for (int64_t value : {snapshot.counters.lost, snapshot.counters.duplicate,
                        snapshot.counters.stale, snapshot.counters.conflicting}) {
    out.I64(value);
  }
  WriteStopCriteria(snapshot.stop, out);
  WriteDuration(snapshot.active_time, out);
  out.Text(snapshot.search);
  return out.Take();
}

absl::StatusOr<SnapshotEntry> DecodeSnapshot(std::string_view bytes) {
  ByteReader in(bytes);
  if (absl::Status status = CheckVersion("snapshot", in.U8(), kSnapshotVersion); !status.ok()) {
    return status;
  }
  SnapshotEntry snapshot;
  snapshot.digest = in.Text();
  snapshot.progress = ReadProgress(in);
  for (int64_t* value : {&snapshot.counters.lost, &snapshot.counters.duplicate,
                         &snapshot.counters.stale, &snapshot.counters.conflicting}) {
    *value = in.I64();
  }
  if (!ReadStopCriteria(in, snapshot.stop)) return Damaged("snapshot");
  snapshot.active_time = ReadDuration(in);
  snapshot.search = in.Text();
  if (!in.AtEnd() || snapshot.digest.size() != 32) return Damaged("snapshot");
  return snapshot;
}

std::string SpecFingerprint(const StudySpec& spec) {
  StudySpec plain = spec;
  plain.search.seed = 0;
  plain.seed_given = false;
  ByteWriter out;
  WriteStudySpec(plain, out);
  return out.Take();
}

}  // namespace polystep
