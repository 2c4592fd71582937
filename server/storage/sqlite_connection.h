// A thin value over one SQLite connection and its prepared statements, with errors as Status.
//
// Corrupt files give DATA_LOSS; everything else that can go wrong gives UNAVAILABLE, because a
// client may try again once somebody has made room or repaired the disk. Messages name the file.
// One thread at a time.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_CONNECTION_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace polystep {

class SqliteStatement {
 public:
  // Parameters are numbered from 1. The bytes must live until Reset or the next Bind.
  SqliteStatement& Bind(int parameter, int64_t value);
  SqliteStatement& BindText(int parameter, std::string_view text);
  SqliteStatement& BindBlob(int parameter, std::string_view bytes);

  // True: a row is there to be read; false: the end, and the statement is ready for the next use.
  absl::StatusOr<bool> Step();
  // Runs a statement that gives no rows, then resets it. ALREADY_EXISTS if a constraint is hurt.
  absl::Status Run();
  void Reset() { sqlite3_reset(statement_.get()); }

  // Columns are numbered from 0.
  int64_t Int(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string Bytes(int column) const;

 private:
  friend class SqliteConnection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  absl::Status Check(int code);

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

class SqliteConnection {
 public:
  // Opens an existing file. `vfs`: empty is SQLite's default.
  static absl::StatusOr<SqliteConnection> Open(const std::string& path, const std::string& vfs);

  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);
  absl::Status Execute(const char* sql);  // any number of statements
  absl::StatusOr<int64_t> QueryInt(const char* sql);
  absl::StatusOr<std::string> QueryText(const char* sql);

  int64_t changes() const { return sqlite3_changes64(database_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  sqlite3* get() { return database_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit SqliteConnection(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Closer> database_;
};

// The error `code` of the last call on `database`, as described above.
absl::Status SqliteError(sqlite3* database, int code);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_CONNECTION_H_
