#include "server/storage/sqlite_connection.h"

#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

const char* FileName(sqlite3* database) {
  const char* name = sqlite3_db_filename(database, "main");
  return name == nullptr ? "store" : name;
}

}  // namespace

absl::Status SqliteError(sqlite3* database, int code) {
  if (code == SQLITE_OK) return absl::OkStatus();
  std::string text = absl::StrCat(FileName(database), ": ", sqlite3_errmsg(database), " (SQLite ",
                                  sqlite3_extended_errcode(database), ")");
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(text);
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(text);
    default:
      return absl::UnavailableError(text);
  }
}

SqliteStatement& SqliteStatement::Bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

SqliteStatement& SqliteStatement::BindText(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::BindBlob(int parameter, std::string_view bytes) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) return Check(code);
  Reset();
  return false;
}

absl::Status SqliteStatement::Run() {
  absl::StatusOr<bool> row = Step();
  if (row.ok() && *row) Reset();
  return row.status();
}

std::string SqliteStatement::Bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string() : std::string(data, static_cast<size_t>(size));
}

absl::Status SqliteStatement::Check(int code) {
  absl::Status status = SqliteError(sqlite3_db_handle(statement_.get()), code);
  Reset();
  return status;
}

absl::StatusOr<SqliteConnection> SqliteConnection::Open(const std::string& path,
                                                        const std::string& vfs) {
  sqlite3* database = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             vfs.empty() ? nullptr : vfs.c_str());
  if (database == nullptr) return absl::UnavailableError("out of memory for SQLite");
  SqliteConnection connection(database);
  if (code != SQLITE_OK) return SqliteError(database, code);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, 5000);  // somebody looks at the file with a tool of their own
  return connection;
}

absl::StatusOr<SqliteStatement> SqliteConnection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(get(), sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return SqliteError(get(), code);
  return SqliteStatement(statement);
}

absl::Status SqliteConnection::Execute(const char* sql) {
  return SqliteError(get(), sqlite3_exec(get(), sql, nullptr, nullptr, nullptr));
}

absl::StatusOr<int64_t> SqliteConnection::QueryInt(const char* sql) {
  absl::StatusOr<SqliteStatement> query = Prepare(sql);
  if (!query.ok()) return query.status();
  absl::StatusOr<bool> row = query->Step();
  if (!row.ok()) return row.status();
  return *row ? query->Int(0) : 0;
}

absl::StatusOr<std::string> SqliteConnection::QueryText(const char* sql) {
  absl::StatusOr<SqliteStatement> query = Prepare(sql);
  if (!query.ok()) return query.status();
  absl::StatusOr<bool> row = query->Step();
  if (!row.ok()) return row.status();
  return *row ? query->Bytes(0) : std::string();
}

}  // namespace polystep
