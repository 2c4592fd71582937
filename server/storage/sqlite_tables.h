// The statements that change the store, prepared once for the writer's connection.
//
// One thread at a time, inside a transaction of the caller.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_TABLES_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_TABLES_H_

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/storage.h"

namespace polystep {

class SqliteTables {
 public:
  // The connection outlives the tables.
  static absl::StatusOr<SqliteTables> Prepare(SqliteConnection* connection);

  // All of the unit or nothing. NOT_FOUND (no such study) and ALREADY_EXISTS (its id is taken) are
  // the unit's own fault and leave the transaction usable; any other error is the store's.
  absl::Status Apply(const std::vector<Mutation>& unit);
  static bool IsOneStatement(const std::vector<Mutation>& unit);
  static bool IsUnitError(const absl::Status& status);

  // Removes some records of an erased study; false if there is none. Erasing a large study at once
  // would hold up everybody's commits.
  absl::StatusOr<bool> PurgeSome();

 private:
  SqliteTables(SqliteConnection* connection, std::vector<SqliteStatement> statements)
      : connection_(connection), statements_(std::move(statements)) {}

  absl::Status ApplyOne(const PutStudy& mutation);
  absl::Status ApplyOne(const EraseStudy& mutation);
  absl::Status ApplyOne(const AppendAnswers& mutation);
  absl::Status ApplyOne(const PutStep& mutation);
  absl::Status ApplyOne(const PutSnapshot& mutation);
  absl::Status ApplyOne(const PutTensor& mutation);
  absl::Status ApplyOne(const EraseTensor& mutation);

  SqliteConnection* connection_;
  std::vector<SqliteStatement> statements_;  // indexed by the names in the .cc
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_TABLES_H_
