// An executor whose tasks run when a test says so.
#ifndef POLYSTEP_TESTS_UNIT_SERVER_BASE_HELD_EXECUTOR_H_
#define POLYSTEP_TESTS_UNIT_SERVER_BASE_HELD_EXECUTOR_H_

#include <utility>
#include <vector>

#include "server/base/executor.h"

namespace polystep {

// Holds tasks until the test runs or drops them.
class HeldExecutor : public Executor {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAfter(absl::Duration, Task task) override { Post(std::move(task)); }
  bool MayRunHere() override { return may_run_here; }
  bool may_run_here = false;

  // Runs what is queued now; returns how many that were.
  int RunQueued() {
    std::vector<Task> tasks = std::move(tasks_);
    tasks_.clear();
    for (Task& task : tasks) task();
    return static_cast<int>(tasks.size());
  }
  void Drop() { tasks_.clear(); }

 private:
  std::vector<Task> tasks_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_SERVER_BASE_HELD_EXECUTOR_H_
