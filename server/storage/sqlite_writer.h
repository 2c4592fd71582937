// The one place that writes. A thread drains the queue, commits all queued units in one transaction
// and then acknowledges them, so that one fsync serves many tells. Callers may write what is queued
// themselves while nobody else does, which saves two changes of threads.
//
// It fails stop. After the first error of the store, as opposed to one of a unit, nothing more is
// written, not even a checkpoint, and every unit gets that error. Thread-safe.
#ifndef POLYSTEP_SERVER_STORAGE_SQLITE_WRITER_H_
#define POLYSTEP_SERVER_STORAGE_SQLITE_WRITER_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/sqlite_tables.h"
#include "server/storage/storage.h"

namespace polystep {

class SqliteWriter {
 public:
  struct Options {
    size_t max_queued_units = 65'536;
    size_t max_queued_bytes = 256u << 20;
    size_t max_group_bytes = 32u << 20;  // of one transaction, unless one unit alone is larger
    int checkpoint_pages = 4096;         // of the write-ahead log, of 4 KiB each
    // Called once, on the writer's thread, when the store stops; may be null.
    absl::AnyInvocable<void(absl::Status)> on_failure = {};
  };

  // The schema is there. The connection is the writer's alone.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Start(SqliteConnection connection,
                                                             Options options);
  ~SqliteWriter();  // commits what is queued, then joins the thread

  void Commit(std::vector<Mutation> mutations, Storage::Done done);
  void Enqueue(std::vector<Mutation> mutations, Storage::Done done);
  void Flush();

 private:
  struct Unit {
    std::vector<Mutation> mutations;
    Storage::Done done;
    size_t bytes = 0;
    absl::Status result;
  };

  SqliteWriter(SqliteConnection connection, Options options);
  enum class Wake : bool { kNo, kYes };
  void Add(std::vector<Mutation> mutations, Storage::Done done, Wake wake);
  bool TakePen(std::vector<Unit>& group);
  void TakeQueued(std::vector<Unit>& group) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GivePen(bool upkeep);
  void Run();
  bool TakeGroup(std::vector<Unit>& group);
  void WriteOrFail(std::vector<Unit>& group);
  static void Acknowledge(std::vector<Unit>& group);
  absl::Status WriteGroup(std::vector<Unit>& group);
  absl::Status Purge();
  absl::Status Checkpoint();
  void Fail(const absl::Status& status);

  Options options_;
  SqliteConnection connection_;
  std::optional<SqliteTables> tables_;  // the rest down to the mutex: of whoever has the pen
  absl::Status failure_;
  int wal_pages_ = 0;
  bool purging_ = true;  // records of erased studies may be left

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Unit> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool pen_taken_ ABSL_GUARDED_BY(mutex_) = false;  // somebody is writing
  bool upkeep_ ABSL_GUARDED_BY(mutex_) = true;      // something to purge or to checkpoint
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_SQLITE_WRITER_H_
