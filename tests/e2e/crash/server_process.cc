#include "tests/e2e/crash/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace polystep {
namespace {

constexpr absl::Duration kStartTimeout = absl::Minutes(2);  // the machine may be very busy
constexpr char kGreeting[] = "polystepd listening on ";

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec only calls that are safe in a copy of a process with threads.
[[noreturn]] void Become(char** arguments, char** environment, int output, int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no server outlives its test
  ::dup2(output, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::close_range(3, ~0u, 0);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::string EndOf(const std::string& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text.substr(text.size() - std::min<size_t>(text.size(), 2000));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const Options& options) {
  const char* folder = std::getenv("POLYSTEP_BIN");
  if (folder == nullptr) return absl::FailedPreconditionError("POLYSTEP_BIN is not set");
  std::vector<std::string> arguments = {absl::StrCat(folder, "/polystepd"), "--listen",
                                        "127.0.0.1:0", "--data", options.data};
  std::vector<std::string> environment = options.environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);  // the first of equal names counts
  }
  std::vector<char*> argv = Pointers(arguments), envp = Pointers(environment);
  int log = ::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int output[2];
  if (log < 0 || ::pipe2(output, O_CLOEXEC) != 0) return absl::InternalError("no file descriptors");
  pid_t pid = ::fork();
  if (pid == 0) Become(argv.data(), envp.data(), output[1], log);
  ::close(output[1]);
  ::close(log);
  if (pid < 0) return absl::InternalError("cannot fork");
  std::unique_ptr<ServerProcess> server(new ServerProcess(pid, output[0]));
  if (server->ReadAddress(options.kill_after)) return server;
  return absl::UnavailableError(
      absl::StrCat("polystepd ended before it listened:\n", EndOf(options.log)));
}

ServerProcess::~ServerProcess() {
  Kill();
  ::close(output_);
}

bool ServerProcess::ReadAddress(absl::Duration kill_after) {
  absl::Time start = absl::Now();
  std::string line;
  while (line.find('\n') == std::string::npos) {
    absl::Duration left = std::min(kill_after, kStartTimeout) - (absl::Now() - start);
    pollfd ready = {output_, POLLIN, 0};
    int wait_ms = static_cast<int>(std::max<int64_t>(absl::ToInt64Milliseconds(left), 0));
    if (::poll(&ready, 1, wait_ms) == 0) {
      Kill();
      return false;
    }
    char byte;
    if (::read(output_, &byte, 1) != 1) return false;
    line.push_back(byte);
  }
  if (line.rfind(kGreeting, 0) != 0) return false;
  address_ = line.substr(sizeof(kGreeting) - 1);
  address_.pop_back();
  return true;
}

void ServerProcess::Kill() {
  if (pid_ > 0) Stop(SIGKILL);
}

int ServerProcess::Stop(int signal) {
  if (signal != 0) ::kill(pid_, signal);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace polystep
