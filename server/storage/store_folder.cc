#include "server/storage/store_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

absl::Status Unusable(const std::string& path, std::string_view what, int error) {
  return absl::FailedPreconditionError(absl::StrCat("data folder ", path, ": ", std::string(what),
                                                    ": ", std::generic_category().message(error)));
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  bool made = std::filesystem::create_directories(path, error);
  if (error) return Unusable(path, "cannot make it", error.value());
  if (made && ::chmod(path.c_str(), 0700) != 0) return Unusable(path, "cannot protect it", errno);
  return absl::OkStatus();
}

// Who holds the lock, as far as the file says.
std::string Holder(int lock) {
  char text[32] = {};
  ssize_t size = ::pread(lock, text, sizeof(text) - 1, 0);
  while (size > 0 && text[size - 1] == '\n') --size;
  return size > 0 ? absl::StrCat(" (process ", std::string(text, static_cast<size_t>(size)), ")")
                  : "";
}

// A database file that is there but empty is a store that was never opened.
absl::Status MakeDatabaseFile(const std::string& path, const std::string& database) {
  int file = ::open(database.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Unusable(path, "cannot open polystep.db", errno);
  ::close(file);
  int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Unusable(path, "cannot open it", errno);
  int result = ::fsync(folder);
  int error = errno;
  ::close(folder);
  return result == 0 ? absl::OkStatus() : Unusable(path, "cannot sync it", error);
}

}  // namespace

absl::StatusOr<StoreFolder> StoreFolder::Hold(const std::string& path) {
  if (path.empty()) return absl::FailedPreconditionError("the data folder has no name");
  if (absl::Status made = MakeFolder(path); !made.ok()) return made;
  std::string lock_path = absl::StrCat(path, "/LOCK");
  int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Unusable(path, "cannot open LOCK", errno);
  StoreFolder folder(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Unusable(path, "cannot lock it", errno);
    return absl::FailedPreconditionError(
        absl::StrCat("data folder ", path, " is in use by another server", Holder(lock)));
  }
  std::string pid = absl::StrCat(::getpid(), "\n");
  bool written = ::ftruncate(lock, 0) == 0 &&
                 ::pwrite(lock, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (!written) return Unusable(path, "cannot write LOCK", errno);
  absl::Status made = MakeDatabaseFile(path, folder.database_path());
  if (!made.ok()) return made;
  return folder;
}

StoreFolder::StoreFolder(StoreFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

StoreFolder::~StoreFolder() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace polystep
