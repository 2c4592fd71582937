// The schema of the store and the way from each version to the next. FORMAT.md says what it means.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_SCHEMA_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"
#include "server/storage/sqlite_connection.h"

namespace polystep {

// "POLY" in the file's header tells our databases from others.
inline constexpr int64_t kApplicationId = 0x504f4c59;

// Reads only. FAILED_PRECONDITION for a file of another application or of a newer release;
// DATA_LOSS, saying where, if the pages do not hang together. An empty file is fine.
absl::Status CheckDatabase(SqliteConnection& connection);

// Lays out an empty file or brings an older one up to date, each version in one transaction. The
// file has been checked.
absl::Status MigrateSchema(SqliteConnection& connection);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_SCHEMA_H_
