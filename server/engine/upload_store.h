// Uploaded start values: kept by the id of their content, for a time and as long as a study starts
// from them.
//
// What is stored is known here in memory; which studies start from it follows from their specs, so
// it needs no record. Values that have expired go when something is uploaded, a study is deleted or
// the server starts. Thread-safe; callbacks run on executor threads. The units of one id are queued
// under the lock, so that what is kept here and in the store agree in their order.
#ifndef POLYSTEP_SERVER_ENGINE_UPLOAD_STORE_H_
#define POLYSTEP_SERVER_ENGINE_UPLOAD_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "server/engine/engine.h"

namespace polystep {

class UploadStore : public std::enable_shared_from_this<UploadStore> {
 public:
  struct Options {
    int64_t max_bytes = 0;  // of all values
    const Clock* clock = nullptr;
    Executor* executor = nullptr;
    Storage* storage = nullptr;
  };
  explicit UploadStore(const Options& options) : options_(options) {}

  // Finds out what is stored. Pins of studies follow, then Sweep.
  absl::Status Recover();

  // Answers once the values are durable. INVALID_ARGUMENT for a number that is not finite,
  // RESOURCE_EXHAUSTED where there is no room.
  void Put(std::vector<float> values, Callback<UploadView> done);

  // Keeps the values that `search` starts from until Unpin. INVALID_ARGUMENT, naming the tensor, if
  // there are none of that id; then nothing is pinned.
  absl::Status Pin(const SearchSpec& search);
  void Unpin(const SearchSpec& search);
  // Reads them into `search`, which is pinned. DATA_LOSS if they are not what the id says.
  absl::Status Load(SearchSpec& search) const;

  void Sweep();

 private:
  struct Upload {
    int64_t count = 0;  // values
    absl::Time expire_time;
    int64_t pins = 0;        // tensors of studies
    int64_t committing = 0;  // units on their way
    bool durable = false;
  };

  absl::Status CheckRoom(int64_t count) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(const std::string& id, std::vector<Mutation> unit, Callback<UploadView> done)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Committed(const std::string& id, const absl::Status& status, Callback<UploadView> done);
  void SweepLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Mutex mutex_;
  std::map<std::string, Upload, std::less<>> uploads_ ABSL_GUARDED_BY(mutex_);  // by content id
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;                                   // of all values
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_UPLOAD_STORE_H_
