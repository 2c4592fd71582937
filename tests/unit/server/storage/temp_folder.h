// A fresh folder for one test, removed at its end, and the words store tests share.
#ifndef POLYSTEP_TESTS_UNIT_SERVER_STORAGE_TEMP_FOLDER_H_
#define POLYSTEP_TESTS_UNIT_SERVER_STORAGE_TEMP_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/check.h"
#include "server/storage/storage.h"

namespace polystep {

class TempFolder {
 public:
  TempFolder() : path_((std::filesystem::temp_directory_path() / "polystep-XXXXXX").string()) {
    Check(::mkdtemp(path_.data()) != nullptr, "cannot make a temporary folder");
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline PutStudy Study(std::string uid, std::string bytes = "spec") {
  return {{.uid = uid, .id = "id-" + uid, .bytes = std::move(bytes)}};
}
inline AppendAnswers Answers(std::string uid, int64_t step, std::string bytes) {
  return {std::move(uid), {step, std::move(bytes)}};
}

// Commits and waits for the answer.
inline absl::Status CommitNow(Storage& storage, std::vector<Mutation> mutations) {
  std::promise<absl::Status> promise;
  std::future<absl::Status> result = promise.get_future();
  storage.Commit(std::move(mutations),
                 [&promise](absl::Status status) { promise.set_value(std::move(status)); });
  return result.get();
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_SERVER_STORAGE_TEMP_FOLDER_H_
