#include "client/cpp/request_id.h"

#include <unistd.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace polystep::client {

std::string DrawRequestId() {
  std::random_device device;
  std::string id;
  for (int word = 0; word < 4; ++word) {
    absl::StrAppend(&id, absl::Hex(static_cast<uint32_t>(device()), absl::kZeroPad8));
  }
  return id;
}

std::string DrawWorkerName() {
  char host[65] = "";
  ::gethostname(host, sizeof host - 1);
  return absl::StrCat(host, "-", ::getpid(), "-", DrawRequestId().substr(0, 8));
}

}  // namespace polystep::client
