// The queries, each on a connection of its own from a small pool, so that a long recovery or a page
// of steps holds up neither the writer nor the others. Thread-safe.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_READER_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/storage.h"

namespace polystep {

class SqliteReader {
 public:
  struct Options {
    std::string path = {};  // of the database
    std::string vfs = {};
    int max_connections = 4;  // a further read waits for one
  };
  explicit SqliteReader(Options options) : options_(std::move(options)) {}

  absl::StatusOr<std::vector<StudyRecord>> Studies();
  absl::StatusOr<StudyHistory> History(std::string_view uid);
  absl::StatusOr<std::vector<StepRecord>> Steps(std::string_view uid, int64_t first_step,
                                                int limit);
  absl::StatusOr<std::vector<TensorRecord>> Tensors();
  absl::StatusOr<std::string> TensorValues(std::string_view id);
  absl::StatusOr<std::string> Secret();

 private:
  // Runs `query` on a connection inside one read transaction.
  template <class Result, class Query>
  absl::StatusOr<Result> Read(Query query);
  absl::StatusOr<SqliteConnection> Take();
  void GiveBack(SqliteConnection connection);

  const Options options_;
  Mutex mutex_;
  ConditionVariable given_back_;
  std::vector<SqliteConnection> idle_ ABSL_GUARDED_BY(mutex_);
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_READER_H_
