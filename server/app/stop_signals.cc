#include "server/app/stop_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "server/base/check.h"

namespace polystep {

StopSignals::StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A reader that left and a file that may not grow are errors of the call, not the end.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  signal_fd_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  Check(signal_fd_ >= 0 && event_fd_ >= 0, "no file descriptors for signals");
}

StopSignals::~StopSignals() {
  close(signal_fd_);
  close(event_fd_);
}

bool StopSignals::Wait(absl::Duration time) {
  pollfd fds[2] = {{signal_fd_, POLLIN, 0}, {event_fd_, POLLIN, 0}};
  int timeout_ms = -1;
  if (time != absl::InfiniteDuration()) {
    timeout_ms = static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(time), 1 << 30));
  }
  if (poll(fds, 2, timeout_ms) <= 0) return false;
  signalfd_siginfo info;
  if (read(signal_fd_, &info, sizeof(info)) == sizeof(info)) return true;
  uint64_t count;
  return read(event_fd_, &count, sizeof(count)) == sizeof(count);
}

void StopSignals::Notify() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(event_fd_, &one, sizeof(one));
}

}  // namespace polystep
