// polystep: the command line of PolyStep Service. See README.md in this folder.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <stop_token>
#include <thread>

#include "client/cli/command_line.h"
#include "client/cli/process_tree.h"
#include "client/cli/verbs.h"

namespace {

// Standard streams that are closed become /dev/null: no pipe may take their numbers.
void OpenStandardStreams() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) ::close(fd);
}

// Blocked before any thread starts, so that only the waiter below sees them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  OpenStandardStreams();
  polystep::cli::ParsedCommandLine parsed = polystep::cli::ParseCommandLine(argc, argv);
  if (parsed.exit_code) {
    (*parsed.exit_code == polystep::cli::kDone ? std::cout : std::cerr) << parsed.text;
    return *parsed.exit_code;
  }
  sigset_t signals = BlockStopSignals();
  std::stop_source stop;
  std::thread waiter([signals, &stop] {
    int signal = 0;
    ::sigwait(&signals, &signal);
    stop.request_stop();
    ::sigwait(&signals, &signal);  // the second one does not wait for anything
    ::_exit(polystep::cli::kFailed);
  });
  waiter.detach();
  polystep::cli::Streams streams{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  int code = polystep::cli::RunVerb(parsed.line, streams, stop.get_token());
  polystep::cli::EndOrphans();
  std::cout.flush();
  return code;
}
