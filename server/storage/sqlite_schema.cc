#include "server/storage/sqlite_schema.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/random_bytes.h"

namespace polystep {
namespace {

// Entry v - 1 leads from version v - 1 to version v. What has been released is never edited.
constexpr const char* kMigrations[] = {
    R"sql(
      PRAGMA application_id = 0x504f4c59;
      CREATE TABLE schema_version (
        version INTEGER PRIMARY KEY,
        applied_unix_ms INTEGER NOT NULL);
      CREATE TABLE store (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
      CREATE TABLE studies (
        study INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        id TEXT NOT NULL UNIQUE,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL);
      CREATE TABLE answers (
        sequence INTEGER PRIMARY KEY,
        study INTEGER NOT NULL,
        step INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL);
      CREATE INDEX answers_by_step ON answers (study, step);
      CREATE TABLE steps (
        study INTEGER NOT NULL,
        step INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL,
        PRIMARY KEY (study, step)) WITHOUT ROWID;
      CREATE TABLE snapshots (
        study INTEGER PRIMARY KEY,
        step INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL);
      CREATE TABLE erased (study INTEGER PRIMARY KEY);
    )sql",
    R"sql(
      CREATE TABLE tensors (
        tensor INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL);
      CREATE TABLE tensor_parts (
        tensor INTEGER NOT NULL,
        part INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        crc INTEGER NOT NULL,
        UNIQUE (tensor, part));
    )sql",
};
constexpr int64_t kVersion = std::size(kMigrations);

absl::Status CheckPages(SqliteConnection& connection) {
  absl::StatusOr<std::string> verdict = connection.QueryText("PRAGMA quick_check(1)");
  if (!verdict.ok()) return verdict.status();
  if (*verdict == "ok") return absl::OkStatus();
  const char* file = sqlite3_db_filename(connection.get(), "main");
  return absl::DataLossError(absl::StrCat(file, ": ", *verdict));
}

// 0 for an empty file.
absl::StatusOr<int64_t> FileVersion(SqliteConnection& connection) {
  absl::StatusOr<int64_t> tables = connection.QueryInt("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  absl::StatusOr<int64_t> application = connection.QueryInt("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*tables == 0 && *application == 0) return 0;
  const char* file = sqlite3_db_filename(connection.get(), "main");
  if (*application != kApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(file, " is not a PolyStep store: its application_id is ", *application,
                     ", not ", kApplicationId));
  }
  absl::StatusOr<int64_t> version = connection.QueryInt("SELECT max(version) FROM schema_version");
  if (version.ok() && (*version < 1 || *version > kVersion)) {
    return absl::FailedPreconditionError(absl::StrCat(
        file, " has schema version ", *version, "; this release knows versions 1 to ", kVersion));
  }
  return version;
}

absl::Status DrawSecret(SqliteConnection& connection) {
  auto insert = connection.Prepare("INSERT INTO store (name, value) VALUES ('secret', ?)");
  if (!insert.ok()) return insert.status();
  std::string secret = RandomBytes(32);
  return insert->BindBlob(1, secret).Run();
}

absl::Status RecordVersion(SqliteConnection& connection, int64_t version) {
  auto insert = connection.Prepare("INSERT INTO schema_version VALUES (?, ?)");
  if (!insert.ok()) return insert.status();
  return insert->Bind(1, version).Bind(2, absl::ToUnixMillis(SystemClock().Now())).Run();
}

absl::Status MigrateTo(SqliteConnection& connection, int64_t version) {
  absl::Status status = connection.Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = connection.Execute(kMigrations[version - 1]);
  if (status.ok() && version == 1) status = DrawSecret(connection);
  if (status.ok()) status = RecordVersion(connection, version);
  if (status.ok()) status = connection.Execute("COMMIT");
  if (!status.ok() && connection.in_transaction()) connection.Execute("ROLLBACK").IgnoreError();
  return status;
}

}  // namespace

absl::Status CheckDatabase(SqliteConnection& connection) {
  absl::StatusOr<int64_t> version = FileVersion(connection);
  if (!version.ok()) return version.status();
  return CheckPages(connection);
}

absl::Status MigrateSchema(SqliteConnection& connection) {
  absl::StatusOr<int64_t> version = FileVersion(connection);
  if (!version.ok()) return version.status();
  for (int64_t next = *version + 1; next <= kVersion; ++next) {
    if (absl::Status moved = MigrateTo(connection, next); !moved.ok()) return moved;
  }
  return absl::OkStatus();
}

}  // namespace polystep
