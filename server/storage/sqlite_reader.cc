#include "server/storage/sqlite_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/crc32c.h"

namespace polystep {
namespace {

// Appends one record a row to `out`, made by `make(query, bytes)` from rows whose columns
// `bytes_column` and the one after it are the bytes and their checksum. DATA_LOSS, saying which
// row of `table`, where the two do not agree.
template <class Record, class Make>
absl::Status ReadRows(SqliteStatement& query, int bytes_column, const char* table, Make make,
                      std::vector<Record>& out) {
  while (true) {
    absl::StatusOr<bool> row = query.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    std::string bytes = query.Bytes(bytes_column);
    if (Crc32c(bytes) != query.Int(bytes_column + 1)) {
      return absl::DataLossError(absl::StrCat("polystep.db: checksum of a row of ", table,
                                              " differs: ", query.Bytes(0), ", ", query.Bytes(1)));
    }
    out.push_back(make(query, std::move(bytes)));
  }
}

// Rows of (study, step, bytes, crc).
template <class Record>
absl::Status ReadRecords(SqliteStatement& query, const char* table, std::vector<Record>& out) {
  return ReadRows(
      query, 2, table,
      [](const SqliteStatement& row, std::string bytes) {
        return Record{row.Int(1), std::move(bytes)};
      },
      out);
}

absl::StatusOr<int64_t> StudyNumber(SqliteConnection& connection, std::string_view uid) {
  auto query = connection.Prepare("SELECT study FROM studies WHERE uid = ?");
  if (!query.ok()) return query.status();
  absl::StatusOr<bool> found = query->BindText(1, uid).Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::NotFoundError(absl::StrCat("no study has uid ", std::string(uid)));
  return query->Int(0);
}

absl::StatusOr<std::vector<StudyRecord>> ReadStudies(SqliteConnection& connection) {
  auto query = connection.Prepare("SELECT uid, id, bytes, crc FROM studies ORDER BY study");
  if (!query.ok()) return query.status();
  std::vector<StudyRecord> studies;
  absl::Status status = ReadRows(
      *query, 2, "studies",
      [](const SqliteStatement& row, std::string bytes) {
        return StudyRecord{row.Bytes(0), row.Bytes(1), std::move(bytes)};
      },
      studies);
  if (!status.ok()) return status;
  return studies;
}

absl::StatusOr<StudyHistory> ReadHistory(SqliteConnection& connection, std::string_view uid) {
  absl::StatusOr<int64_t> study = StudyNumber(connection, uid);
  if (!study.ok()) return study.status();
  auto snapshot =
      connection.Prepare("SELECT study, step, bytes, crc FROM snapshots WHERE study = ?");
  if (!snapshot.ok()) return snapshot.status();
  std::vector<SnapshotRecord> snapshots;
  absl::Status status = ReadRecords(snapshot->Bind(1, *study), "snapshots", snapshots);
  if (!status.ok()) return status;
  StudyHistory history;
  int64_t first = 0;
  if (!snapshots.empty()) {
    first = snapshots[0].step;
    history.snapshot = std::move(snapshots[0]);
  }
  auto answers = connection.Prepare(
      "SELECT study, step, bytes, crc FROM answers WHERE study = ? AND step >= ? "
      "ORDER BY step, sequence");
  if (!answers.ok()) return answers.status();
  status = ReadRecords(answers->Bind(1, *study).Bind(2, first), "answers", history.answers);
  if (!status.ok()) return status;
  auto steps = connection.Prepare(
      "SELECT study, step, bytes, crc FROM steps WHERE study = ? AND step >= ? ORDER BY step");
  if (!steps.ok()) return steps.status();
  status = ReadRecords(steps->Bind(1, *study).Bind(2, first), "steps", history.steps);
  if (!status.ok()) return status;
  return history;
}

absl::StatusOr<std::vector<StepRecord>> ReadSteps(SqliteConnection& connection,
                                                  std::string_view uid, int64_t first_step,
                                                  int limit) {
  absl::StatusOr<int64_t> study = StudyNumber(connection, uid);
  if (!study.ok()) return study.status();
  auto query = connection.Prepare(
      "SELECT study, step, bytes, crc FROM steps WHERE study = ? AND step >= ? "
      "ORDER BY step LIMIT ?");
  if (!query.ok()) return query.status();
  query->Bind(1, *study).Bind(2, first_step).Bind(3, std::max(limit, 0));
  std::vector<StepRecord> steps;
  absl::Status status = ReadRecords(*query, "steps", steps);
  if (!status.ok()) return status;
  return steps;
}

absl::StatusOr<std::vector<TensorRecord>> ReadTensors(SqliteConnection& connection) {
  auto query = connection.Prepare("SELECT id, tensor, bytes, crc FROM tensors ORDER BY tensor");
  if (!query.ok()) return query.status();
  std::vector<TensorRecord> tensors;
  absl::Status status = ReadRows(
      *query, 2, "tensors",
      [](const SqliteStatement& row, std::string bytes) {
        return TensorRecord{row.Bytes(0), std::move(bytes)};
      },
      tensors);
  if (!status.ok()) return status;
  return tensors;
}

absl::StatusOr<std::string> ReadTensorValues(SqliteConnection& connection, std::string_view id) {
  auto query = connection.Prepare(
      "SELECT p.tensor, part, p.bytes, p.crc FROM tensors t JOIN tensor_parts p "
      "ON p.tensor = t.tensor WHERE t.id = ? ORDER BY part");
  if (!query.ok()) return query.status();
  query->BindText(1, id);
  std::vector<std::string> parts;
  absl::Status status = ReadRows(
      *query, 2, "tensor_parts", [](const SqliteStatement&, std::string bytes) { return bytes; },
      parts);
  if (!status.ok()) return status;
  if (parts.empty()) return absl::NotFoundError(absl::StrCat("no tensor has id ", std::string(id)));
  return absl::StrJoin(parts, "");
}

}  // namespace

absl::StatusOr<std::vector<StudyRecord>> SqliteReader::Studies() {
  return Read<std::vector<StudyRecord>>(ReadStudies);
}

absl::StatusOr<StudyHistory> SqliteReader::History(std::string_view uid) {
  return Read<StudyHistory>(
      [uid](SqliteConnection& connection) { return ReadHistory(connection, uid); });
}

absl::StatusOr<std::vector<StepRecord>> SqliteReader::Steps(std::string_view uid,
                                                            int64_t first_step, int limit) {
  return Read<std::vector<StepRecord>>(
      [&](SqliteConnection& connection) { return ReadSteps(connection, uid, first_step, limit); });
}

absl::StatusOr<std::vector<TensorRecord>> SqliteReader::Tensors() {
  return Read<std::vector<TensorRecord>>(ReadTensors);
}

absl::StatusOr<std::string> SqliteReader::TensorValues(std::string_view id) {
  return Read<std::string>(
      [id](SqliteConnection& connection) { return ReadTensorValues(connection, id); });
}

absl::StatusOr<std::string> SqliteReader::Secret() {
  absl::StatusOr<std::string> secret =
      Read<std::string>([](SqliteConnection& connection) -> absl::StatusOr<std::string> {
        return connection.QueryText("SELECT value FROM store WHERE name = 'secret'");
      });
  if (secret.ok() && secret->size() != 32) {
    return absl::DataLossError(
        absl::StrCat(options_.path, ": the secret has ", secret->size(), " bytes, not 32"));
  }
  return secret;
}

template <class Result, class Query>
absl::StatusOr<Result> SqliteReader::Read(Query query) {
  absl::StatusOr<SqliteConnection> connection = Take();
  if (!connection.ok()) return connection.status();
  absl::Status begun = connection->Execute("BEGIN");
  absl::StatusOr<Result> result = begun.ok() ? query(*connection) : begun;
  if (connection->in_transaction()) connection->Execute("ROLLBACK").IgnoreError();
  GiveBack(*std::move(connection));
  return result;
}

absl::StatusOr<SqliteConnection> SqliteReader::Take() {
  {
    MutexLock lock(mutex_);
    while (idle_.empty() && taken_ >= options_.max_connections) given_back_.Wait(mutex_);
    ++taken_;
    if (!idle_.empty()) {
      SqliteConnection connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<SqliteConnection> connection = SqliteConnection::Open(options_.path, options_.vfs);
  absl::Status ready = connection.status();
  if (ready.ok()) ready = connection->Execute("PRAGMA query_only = 1");
  if (ready.ok()) return connection;
  MutexLock lock(mutex_);
  --taken_;
  given_back_.NotifyOne();
  return ready;
}

void SqliteReader::GiveBack(SqliteConnection connection) {
  MutexLock lock(mutex_);
  idle_.push_back(std::move(connection));
  --taken_;
  given_back_.NotifyOne();
}

}  // namespace polystep
