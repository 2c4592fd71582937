#include "client/cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/process_tree.h"

namespace polystep::cli {
namespace {

struct Pipe {
  FileDescriptor read_end, write_end;
};

absl::Status OpenPipe(Pipe& pipe) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe2 failed");
  pipe = {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  return absl::OkStatus();
}

void MakeNonBlocking(const FileDescriptor& fd) { ::fcntl(fd.get(), F_SETFL, O_NONBLOCK); }

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Milliseconds for poll: rounded up, so that a deadline has passed when poll says so.
int PollTimeout(ChildProcess::Time deadline) {
  if (deadline == ChildProcess::kNever) return -1;
  auto rest = deadline - std::chrono::steady_clock::now();
  int64_t ms = std::chrono::ceil<std::chrono::milliseconds>(rest).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 3'600'000));
}

}  // namespace

void TailWindow::Append(std::string_view bytes) {
  if (bytes.size() > limit_) bytes.remove_prefix(bytes.size() - limit_);
  if (bytes_.size() + bytes.size() >= 2 * limit_) {
    bytes_.erase(0, bytes_.size() + bytes.size() - limit_);
  }
  bytes_.append(bytes);
}

ChildProcess::ChildProcess(const Options& options)
    : marker_(options.marker), output_(options.output_window), errors_(options.error_window) {}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Spawn(const Options& options) {
  Pipe input, output, errors;
  for (Pipe* pipe : {&input, &output, &errors}) {
    if (absl::Status status = OpenPipe(*pipe); !status.ok()) {
      return absl::InternalError(status.message());
    }
  }
  std::vector<char*> arguments = Pointers(options.arguments);
  std::vector<char*> environment = Pointers(options.environment);
  absl::StatusOr<pid_t> pid =
      SpawnGroup({options.path.c_str(), arguments.data(), environment.data(), input.read_end.get(),
                  output.write_end.get(), errors.write_end.get()});
  if (!pid.ok()) return pid.status();
  auto child = std::unique_ptr<ChildProcess>(new ChildProcess(options));
  child->pid_ = *pid;
  child->input_end_ = std::move(input.write_end);
  child->output_end_ = std::move(output.read_end);
  child->error_end_ = std::move(errors.read_end);
  child->exit_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (!child->exit_.open()) {
    return absl::InternalError(absl::StrCat("pidfd_open failed with errno ", errno));
  }
  MakeNonBlocking(child->input_end_);
  MakeNonBlocking(child->output_end_);
  MakeNonBlocking(child->error_end_);
  return child;
}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Kill() {
  if (std::exchange(reaped_, true) || pid_ < 0) return;
  wait_status_ = EndGroup(pid_, marker_);
}

// True while there is something left to write.
bool ChildProcess::MoveInput() {
  while (input_end_.open() && !input_.empty()) {
    ssize_t written = ::write(input_end_.get(), input_.data(), input_.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return true;
      input_end_.Close();  // the child does not read: its business
      break;
    }
    input_.erase(0, static_cast<size_t>(written));
  }
  if (close_input_) input_end_.Close();
  return false;
}

// True if anything came. Reads at most `limit` bytes, and closes at the end of the stream.
bool ChildProcess::Drain(FileDescriptor& from, TailWindow& to, size_t limit) {
  char buffer[65536];
  size_t total = 0;
  while (from.open() && total < limit) {
    ssize_t count = ::read(from.get(), buffer, sizeof buffer);
    if (count > 0) {
      to.Append(std::string_view(buffer, static_cast<size_t>(count)));
      total += static_cast<size_t>(count);
      if (static_cast<size_t>(count) < sizeof buffer) break;
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN) {
      break;
    } else {
      from.Close();
    }
  }
  return total > 0;
}

ChildProcess::Event ChildProcess::Pump(Time deadline, int wake) {
  constexpr size_t kRound = 1 << 20;  // a child that never stops printing still meets its deadline
  while (true) {
    bool writing = MoveInput();
    pollfd fds[] = {{exit_.get(), POLLIN, 0},
                    {wake, POLLIN, 0},
                    {output_end_.get(), POLLIN, 0},
                    {error_end_.get(), POLLIN, 0},
                    {writing ? input_end_.get() : -1, POLLOUT, 0}};
    int ready = ::poll(fds, std::size(fds), PollTimeout(deadline));
    if (ready < 0 && errno != EINTR) return Event::kTimedOut;
    if (fds[1].revents != 0) return Event::kWoken;
    if (fds[0].revents != 0) {
      Kill();
      constexpr size_t kPipe = 4 << 20;  // more than a pipe holds; a stray may hold the other end
      Drain(output_end_, output_, kPipe);
      Drain(error_end_, errors_, kPipe);
      return Event::kExited;
    }
    if (fds[3].revents != 0) Drain(error_end_, errors_, kRound);
    bool printed = fds[2].revents != 0 && Drain(output_end_, output_, kRound);
    if (std::chrono::steady_clock::now() >= deadline) return Event::kTimedOut;
    if (printed) return Event::kOutput;
  }
}

}  // namespace polystep::cli
