// polystep: the command line of PolyStep Service. See README.md in this folder.
#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <stop_token>

#include "client/cli/command_line.h"
#include "client/cli/process_tree.h"
#include "client/cli/stop_on_signal.h"
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

}  // namespace

int main(int argc, char** argv) {
  OpenStandardStreams();
  polystep::cli::ParsedCommandLine parsed = polystep::cli::ParseCommandLine(argc, argv);
  if (parsed.exit_code) {
    (*parsed.exit_code == polystep::cli::kDone ? std::cout : std::cerr) << parsed.text;
    return *parsed.exit_code;
  }
  const std::stop_token stop = polystep::cli::StopOnSignal(polystep::cli::kFailed);
  polystep::cli::Streams streams{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  int code = polystep::cli::RunVerb(parsed.line, streams, stop);
  polystep::cli::EndOrphans();
  std::cout.flush();
  return code;
}
