// The folder of a store, held by one process at a time.
//
// The lock is the kernel's (flock on the file LOCK): it goes with the process, however that ends.
#ifndef POLYSTEP_SERVER_STORAGE_STORE_FOLDER_H_
#define POLYSTEP_SERVER_STORAGE_STORE_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"

namespace polystep {

class StoreFolder {
 public:
  // Makes the folder (0700) and the empty database file (0600) where they are missing.
  // FAILED_PRECONDITION, naming the folder, if another process holds it or it cannot be used.
  static absl::StatusOr<StoreFolder> Hold(const std::string& path);

  ~StoreFolder();
  StoreFolder(StoreFolder&& other) noexcept;
  StoreFolder& operator=(StoreFolder&&) = delete;

  std::string database_path() const { return path_ + "/polystep.db"; }

 private:
  StoreFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // file descriptor, or -1 when moved from
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_STORAGE_STORE_FOLDER_H_
