// A fresh folder for one test, removed at its end.
#ifndef POLYSTEP_TESTS_TEMP_FOLDER_H_
#define POLYSTEP_TESTS_TEMP_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "server/base/check.h"

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

}  // namespace polystep

#endif  // POLYSTEP_TESTS_TEMP_FOLDER_H_
