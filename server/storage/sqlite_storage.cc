#include "server/storage/sqlite_storage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/sqlite_schema.h"

namespace polystep {
namespace {

// FULL: every commit is synced. auto_vacuum costs writes; freed pages are used again instead, and
// they are not overwritten with zeros. The log's file shrinks back to 64 MiB after a burst.
constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA auto_vacuum = NONE;"
    "PRAGMA secure_delete = OFF;"
    "PRAGMA cache_size = -32768;"
    "PRAGMA journal_size_limit = 67108864;";

// SQLite keeps another journal where the file system cannot share memory (network mounts).
absl::Status CheckLogged(SqliteConnection& connection, const std::string& path) {
  absl::StatusOr<std::string> mode = connection.QueryText("PRAGMA journal_mode");
  if (!mode.ok() || *mode == "wal") return mode.status();
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": its file system allows no write-ahead log (journal mode ", *mode, ")"));
}

absl::StatusOr<SqliteConnection> OpenDatabase(const std::string& path, const std::string& vfs) {
  absl::StatusOr<SqliteConnection> connection = SqliteConnection::Open(path, vfs);
  if (!connection.ok()) return connection;
  absl::Status ready = CheckDatabase(*connection);  // before anything is written to the file
  if (ready.ok()) ready = connection->Execute(kSettings);
  if (ready.ok()) ready = CheckLogged(*connection, path);
  if (ready.ok()) ready = MigrateSchema(*connection);
  if (!ready.ok()) return ready;
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(Options options) {
  absl::StatusOr<StoreFolder> folder = StoreFolder::Hold(options.path);
  if (!folder.ok()) return folder.status();
  std::string path = folder->database_path();
  absl::StatusOr<SqliteConnection> connection = OpenDatabase(path, options.vfs);
  if (!connection.ok()) return connection.status();
  auto writer = SqliteWriter::Start(*std::move(connection), std::move(options.writer));
  if (!writer.ok()) return writer.status();
  return std::unique_ptr<SqliteStorage>(new SqliteStorage(
      *std::move(folder), *std::move(writer), {path, options.vfs, options.max_read_connections}));
}

SqliteStorage::SqliteStorage(StoreFolder folder, std::unique_ptr<SqliteWriter> writer,
                             SqliteReader::Options reader)
    : folder_(std::move(folder)), writer_(std::move(writer)), reader_(std::move(reader)) {}

void SqliteStorage::Commit(std::vector<Mutation> mutations, Done done) {
  writer_->Commit(std::move(mutations), std::move(done));
}

void SqliteStorage::Enqueue(std::vector<Mutation> mutations, Done done) {
  writer_->Enqueue(std::move(mutations), std::move(done));
}

void SqliteStorage::Flush() { writer_->Flush(); }

absl::StatusOr<std::vector<StudyRecord>> SqliteStorage::Studies() { return reader_.Studies(); }

absl::StatusOr<StudyHistory> SqliteStorage::History(std::string_view uid) {
  return reader_.History(uid);
}

absl::StatusOr<std::vector<StepRecord>> SqliteStorage::Steps(std::string_view uid,
                                                             int64_t first_step, int limit) {
  return reader_.Steps(uid, first_step, limit);
}

absl::StatusOr<std::vector<TensorRecord>> SqliteStorage::Tensors() { return reader_.Tensors(); }

absl::StatusOr<std::string> SqliteStorage::TensorValues(std::string_view id) {
  return reader_.TensorValues(id);
}

absl::StatusOr<std::string> SqliteStorage::Secret() { return reader_.Secret(); }

}  // namespace polystep
