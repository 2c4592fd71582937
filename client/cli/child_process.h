// A simulator as a child process in a process group of its own, with its three streams.
//
// Nothing it started outlives it: Kill() ends the whole group and, after PrepareForChildren(), also
// what left the group. The child dies with the thread that spawned it (PR_SET_PDEATHSIG). Output
// is kept in bounded windows, so a child may print without end. Used by one thread at a time;
// different children are independent.
#ifndef POLYSTEP_CLIENT_CLI_CHILD_PROCESS_H_
#define POLYSTEP_CLIENT_CLI_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/file_descriptor.h"

namespace polystep::cli {

// The last `limit` bytes (at least) of what was appended; memory stays under 2 * limit.
class TailWindow {
 public:
  explicit TailWindow(size_t limit) : limit_(limit) {}
  void Append(std::string_view bytes);
  std::string_view View() const { return bytes_; }
  // Removes the first `count` bytes of View().
  void Consume(size_t count) { bytes_.erase(0, count); }

 private:
  size_t limit_;
  std::string bytes_;
};

class ChildProcess {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time kNever = Time::max();

  struct Options {
    std::string path;                      // of the executable; not searched
    std::vector<std::string> arguments;    // argv[0] included
    std::vector<std::string> environment;  // "NAME=value"
    // One entry of `environment` that no other child has: finds descendants that left the group.
    std::string marker;
    size_t output_window = 1 << 20;
    size_t error_window = 4096;
  };

  // Starts it. INTERNAL if the machine lacks something (descriptors, processes),
  // FAILED_PRECONDITION if the file cannot be executed.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Spawn(const Options& options);
  ~ChildProcess();  // Kill()

  // Queues bytes for standard input; Pump() moves them. A child that does not read them is fine.
  void Write(std::string_view bytes) { input_.append(bytes); }
  void CloseInput() { close_input_ = true; }

  enum class Event { kOutput, kExited, kTimedOut, kWoken };
  // Waits until the child printed something, exited, `deadline` passed or `wake` became readable,
  // and moves input and output meanwhile. After kExited everything it printed is in the windows
  // and its group is gone.
  Event Pump(Time deadline, int wake);

  // Kills the group and waits for it; ends what left the group. Idempotent.
  void Kill();

  // As of waitpid; valid after kExited or Kill().
  int wait_status() const { return wait_status_; }
  TailWindow& output() { return output_; }
  TailWindow& errors() { return errors_; }

 private:
  explicit ChildProcess(const Options& options);
  bool MoveInput();
  bool Drain(FileDescriptor& from, TailWindow& to, size_t limit);

  pid_t pid_ = -1;
  std::string marker_;
  FileDescriptor exit_, input_end_, output_end_, error_end_;
  std::string input_;
  bool close_input_ = false;
  TailWindow output_, errors_;
  int wait_status_ = 0;
  bool reaped_ = false;
};

// From now on orphans of children become children of this process, so that Kill() finds them, and
// a child that does not read its input does not end this process (SIGPIPE). Call once, early.
void PrepareForChildren();

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_CHILD_PROCESS_H_
