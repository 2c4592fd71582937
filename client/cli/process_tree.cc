#include "client/cli/process_tree.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <shared_mutex>
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

// Runs between vfork and exec, in the parent's memory: only system calls.
[[noreturn]] __attribute__((noinline)) void ExecChild(const SpawnPlan& plan, pid_t parent,
                                                      volatile int* error) {
  ::setpgid(0, 0);
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

bool HasMarker(pid_t pid, const std::string& marker) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/environ"), std::ios::binary);
  std::string environment{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return environment.starts_with(marker + '\0') ||
         environment.find('\0' + marker + '\0') != std::string::npos;
}

// Ends orphans of the group just killed; true if there were any (ending one orphans its children).
bool EndStrays(const std::string& marker) {
  std::vector<pid_t> children = AdoptedChildren();
  if (children.empty()) return false;
  Registry& registry = TheRegistry();
  std::unique_lock<std::shared_mutex> gate(registry.gate);
  std::lock_guard<std::mutex> lock(registry.mutex);
  bool found = false;
  for (pid_t child : children) {
    if (registry.spawned.contains(child)) continue;
    if (HasMarker(child, marker)) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
      found = true;
    } else {
      ::waitpid(child, nullptr, WNOHANG);  // a stray that ended by itself
    }
  }
  return found;
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
  while (EndStrays(marker)) {
  }
  return status;
}

void PrepareForChildren() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace polystep::cli
