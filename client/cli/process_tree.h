// Spawning into a process group, and ending everything that came of it.
//
// Two slots spawn and reap at the same time: a registry of the processes spawned here keeps one
// slot from reaping the child of another. Thread-safe.
#ifndef POLYSTEP_CLIENT_CLI_PROCESS_TREE_H_
#define POLYSTEP_CLIENT_CLI_PROCESS_TREE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace polystep::cli {

struct SpawnPlan {
  const char* path = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int input = -1, output = -1, errors = -1;  // become 0, 1, 2
};

// As fast as vfork: the page tables are not copied. FAILED_PRECONDITION if exec fails.
absl::StatusOr<pid_t> SpawnGroup(const SpawnPlan& plan);

// Kills the group led by `pid`, waits for it, and ends adopted descendants whose environment
// holds `marker`. `pid` has not been reaped yet. Returns the leader's wait status.
int EndGroup(pid_t pid, const std::string& marker);

// Ends every adopted orphan, whosever it was: for the end of a program that runs no more children.
void EndOrphans();

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_PROCESS_TREE_H_
