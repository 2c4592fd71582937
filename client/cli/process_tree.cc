#include "client/cli/process_tree.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/child_process.h"

namespace polystep::cli {
namespace {

// Processes spawned here and not reaped yet. Spawning holds the gate shared, so that between a
// process's birth and its entry nobody mistakes it for an orphan.
struct Registry {
  std::shared_mutex gate;
  std::mutex mutex;
  std::set<pid_t> spawned;
};

Registry& TheRegistry() {
  static Registry* registry = new Registry;  // never destroyed: slots may outlive main
  return *registry;
}

// Stop signals that came to the parent's group before this child left it are not meant for it: they
// wait, blocked, and to ignore a signal discards it.
void DiscardStopSignals() {
  for (int stop : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    auto before = ::signal(stop, SIG_IGN);
    if (before != SIG_IGN) ::signal(stop, SIG_DFL);
  }
}

// Runs between vfork and exec, in the parent's memory: only system calls.
[[noreturn]] __attribute__((noinline)) void ExecChild(const SpawnPlan& plan, pid_t parent,
                                                      volatile int* error) {
  ::setpgid(0, 0);
  DiscardStopSignals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.errors, STDERR_FILENO);
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.path, plan.arguments, plan.environment);
  *error = errno;
  ::_exit(127);
}

__attribute__((noinline)) pid_t VforkExec(const SpawnPlan& plan, pid_t parent,
                                          volatile int* error) {
  pid_t pid = ::vfork();
  if (pid == 0) ExecChild(plan, parent, error);
  return pid;
}

// Orphans are adopted by the main thread of the process that adopts them.
std::vector<pid_t> AdoptedChildren() {
  std::ifstream file(absl::StrCat("/proc/self/task/", ::getpid(), "/children"));
  std::vector<pid_t> children;
  pid_t pid = 0;
  while (file >> pid) children.push_back(pid);
  return children;
}

std::string Environment(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/environ"), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool Holds(const std::string& environment, const std::string& marker) {
  return environment.starts_with(marker + '\0') ||
         environment.find('\0' + marker + '\0') != std::string::npos;
}

void EndChild(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

enum class Strays { kNone, kEnded, kUnclear };

// Ends adopted children with the marker (all of them without one), and reaps those that ended by
// themselves. Unclear: one is between two programs, where it has no environment to look at.
Strays EndStrays(const std::string* marker) {
  std::vector<pid_t> children = AdoptedChildren();
  if (children.empty()) return Strays::kNone;
  Registry& registry = TheRegistry();
  std::unique_lock<std::shared_mutex> gate(registry.gate);
  std::lock_guard<std::mutex> lock(registry.mutex);
  Strays strays = Strays::kNone;
  for (pid_t child : children) {
    if (registry.spawned.contains(child) || ::waitpid(child, nullptr, WNOHANG) != 0) continue;
    std::string environment = marker != nullptr ? Environment(child) : "";
    if (marker == nullptr || Holds(environment, *marker)) {
      EndChild(child);
      if (strays == Strays::kNone) strays = Strays::kEnded;
    } else if (environment.empty()) {
      strays = Strays::kUnclear;
    }
  }
  return strays;
}

}  // namespace

absl::StatusOr<pid_t> SpawnGroup(const SpawnPlan& plan) {
  Registry& registry = TheRegistry();
  std::shared_lock<std::shared_mutex> gate(registry.gate);
  volatile int error = 0;
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = VforkExec(plan, ::getpid(), &error);
  int vfork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return absl::InternalError(absl::StrCat("vfork failed with errno ", vfork_error));
  if (error != 0) {
    ::waitpid(pid, nullptr, 0);
    absl::Status reason = absl::ErrnoToStatus(error, absl::StrCat("cannot execute ", plan.path));
    return absl::FailedPreconditionError(reason.message());
  }
  std::lock_guard<std::mutex> lock(registry.mutex);
  registry.spawned.insert(pid);
  return pid;
}

int EndGroup(pid_t pid, const std::string& marker) {
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  {
    Registry& registry = TheRegistry();
    std::lock_guard<std::mutex> lock(registry.mutex);
    registry.spawned.erase(pid);
  }
  while (::waitpid(-pid, nullptr, 0) > 0) {  // members of the group that were adopted meanwhile
  }
  // Ending one makes orphans of its children: until there are none. A program that has cleared its
  // environment stays unclear and is left to EndOrphans.
  constexpr int kPatience = 50;
  for (int unclear = 0; unclear < kPatience;) {
    Strays strays = EndStrays(&marker);
    if (strays == Strays::kNone) break;
    if (strays == Strays::kUnclear) {
      ++unclear;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  return status;
}

void EndOrphans() {
  while (EndStrays(nullptr) != Strays::kNone) {
  }
}

void PrepareForChildren() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace polystep::cli
