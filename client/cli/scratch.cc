#include "client/cli/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace polystep::cli {

void RemoveFolder(const std::string& path) {
  if (::rmdir(path.c_str()) == 0) return;  // most are empty
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

absl::StatusOr<Folder> MakeTemporaryFolder() {
  const char* parent = std::getenv("TMPDIR");
  std::string path =
      absl::StrCat(parent != nullptr && *parent != '\0' ? parent : "/tmp", "/polystep-XXXXXX");
  if (::mkdtemp(path.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create the folder ", path));
  }
  return Folder(path);
}

absl::StatusOr<ScratchFolder> ScratchFolder::Create() {
  absl::StatusOr<Folder> base = MakeTemporaryFolder();
  if (!base.ok()) return base.status();
  ScratchFolder scratch;
  scratch.base_ = *std::move(base);
  return scratch;
}

absl::StatusOr<Folder> ScratchFolder::Next() {
  std::string path = absl::StrCat(base_.path(), "/", next_.fetch_add(1));
  if (::mkdir(path.c_str(), 0700) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create the folder ", path));
  }
  return Folder(path);
}

}  // namespace polystep::cli
