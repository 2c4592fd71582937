#include "tests/bench/throughput/raw_commits.h"

#include <sqlite3.h>

#include <filesystem>

#include "server/base/check.h"

namespace polystep::bench {

Traffic RunRawCommits(const std::string& folder, uint64_t bytes, uint32_t losses,
                      absl::Duration duration) {
  const std::string path = folder + "/raw.sqlite";
  sqlite3* database = nullptr;
  Check(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "cannot open the raw store");
  Check(sqlite3_exec(database,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "CREATE TABLE raw (id INTEGER PRIMARY KEY, bytes BLOB)",
                     nullptr, nullptr, nullptr) == SQLITE_OK,
        "cannot make the raw store");
  sqlite3_stmt* insert = nullptr;
  Check(sqlite3_prepare_v2(database, "INSERT INTO raw (bytes) VALUES (?)", -1, &insert, nullptr) ==
            SQLITE_OK,
        "cannot prepare the raw insert");
  const std::string blob(bytes, 'x');
  Traffic traffic = RunCallers(1, duration, [&](int) -> CallResult {
    sqlite3_bind_blob64(insert, 1, blob.data(), blob.size(), SQLITE_STATIC);
    Check(sqlite3_step(insert) == SQLITE_DONE, "a raw insert failed");
    sqlite3_reset(insert);
    return {losses, bytes, 0};
  });
  sqlite3_finalize(insert);
  sqlite3_close(database);
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  return traffic;
}

}  // namespace polystep::bench
