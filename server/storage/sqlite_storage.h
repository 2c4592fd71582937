// The store of one server: a folder with an SQLite database (FORMAT.md), held by one process.
//
// One writer thread with group commit (sqlite_writer.h), readers beside it (sqlite_reader.h).
// Callbacks run on the writer's thread, or inside Flush, and should be short;
// RESOURCE_EXHAUSTED alone comes inside the call of Commit. The destructor commits what is queued
// and runs its callbacks. Thread-safe.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_STORAGE_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_STORAGE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/sqlite_reader.h"
#include "server/storage/sqlite_writer.h"
#include "server/storage/storage.h"
#include "server/storage/store_folder.h"

namespace polystep {

class SqliteStorage : public Storage {
 public:
  struct Options {
    std::string path = {};              // the folder; made if it is missing
    SqliteWriter::Options writer = {};  // bounds of the queue; on_failure: the server should stop
    int max_read_connections = 4;
    std::string vfs = {};  // SQLite's name of a file system, for tests that let it fail
  };

  // FAILED_PRECONDITION if another server holds the folder, if it cannot be used, or if the file
  // is another application's or a newer release's; DATA_LOSS, saying where, if it is corrupt.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(Options options);

  void Commit(std::vector<Mutation> mutations, Done done) override;
  void Enqueue(std::vector<Mutation> mutations, Done done) override;
  void Flush() override;
  absl::StatusOr<std::vector<StudyRecord>> Studies() override;
  absl::StatusOr<StudyHistory> History(std::string_view uid) override;
  absl::StatusOr<std::vector<StepRecord>> Steps(std::string_view uid, int64_t first_step,
                                                int limit) override;
  absl::StatusOr<std::vector<TensorRecord>> Tensors() override;
  absl::StatusOr<std::string> TensorValues(std::string_view id) override;
  absl::StatusOr<std::string> Secret() override;

 private:
  SqliteStorage(StoreFolder folder, std::unique_ptr<SqliteWriter> writer,
                SqliteReader::Options reader);

  StoreFolder folder_;  // given back last
  std::unique_ptr<SqliteWriter>
      writer_;  // closes the file, with a last checkpoint, after the readers
  SqliteReader reader_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_STORAGE_H_
