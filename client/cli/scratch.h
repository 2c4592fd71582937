// Folders that go away: one for a run, one in it per evaluation. Thread-safe.
#ifndef POLYSTEP_CLIENT_CLI_SCRATCH_H_
#define POLYSTEP_CLIENT_CLI_SCRATCH_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace polystep::cli {

// Removes a folder with everything in it; errors are ignored.
void RemoveFolder(const std::string& path);

// An owned folder.
class Folder {
 public:
  Folder() = default;
  explicit Folder(std::string path) : path_(std::move(path)) {}
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Folder& operator=(Folder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~Folder() {
    if (!path_.empty()) RemoveFolder(path_);
  }
  const std::string& path() const { return path_; }
  // Keeps the folder.
  std::string Release() { return std::exchange(path_, {}); }

 private:
  std::string path_;
};

// A fresh folder in $TMPDIR or /tmp.
absl::StatusOr<Folder> MakeTemporaryFolder();

// Numbered folders inside one temporary folder.
class ScratchFolder {
 public:
  static absl::StatusOr<ScratchFolder> Create();
  ScratchFolder() = default;
  ScratchFolder(ScratchFolder&& other) noexcept : base_(std::move(other.base_)) {}
  ScratchFolder& operator=(ScratchFolder&& other) noexcept {
    base_ = std::move(other.base_);
    return *this;
  }
  absl::StatusOr<Folder> Next();

 private:
  Folder base_;
  std::atomic<uint64_t> next_{0};
};

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_SCRATCH_H_
