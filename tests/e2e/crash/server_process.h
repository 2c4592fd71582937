// A real polystepd in a process of its own, for tests that kill it.
//
// One thread at a time.
#ifndef POLYSTEP_TESTS_E2E_CRASH_SERVER_PROCESS_H_
#define POLYSTEP_TESTS_E2E_CRASH_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace polystep {

class ServerProcess {
 public:
  struct Options {
    std::string data = {};  // folder of the store
    std::string log = {};   // file that gets its standard error, appended
    // More of them, e.g. "GLIBC_TUNABLES=...".
    std::vector<std::string> environment = {};
    // SIGKILL this long after its start, also before it listens.
    absl::Duration kill_after = absl::InfiniteDuration();
  };

  // Starts it on a free port and waits until it says where it listens. UNAVAILABLE, with the end
  // of its log, if it ends before.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const Options& options);
  ~ServerProcess();  // Kill()

  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }

  void Kill();  // kill -9, and waits for its end
  // SIGTERM, or nothing but waiting with 0; returns the exit status, -1 if a signal ended it.
  int Stop(int signal);

 private:
  ServerProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  bool ReadAddress(absl::Duration kill_after);

  pid_t pid_;
  int output_;  // reading end of its standard output
  std::string address_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_CRASH_SERVER_PROCESS_H_
