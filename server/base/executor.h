// Where work runs, injected: a thread pool in the server, one seeded queue in the simulation.
#ifndef POLYSTEP_SERVER_BASE_EXECUTOR_H_
#define POLYSTEP_SERVER_BASE_EXECUTOR_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace polystep {

using Task = absl::AnyInvocable<void()>;

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `task` soon, on any thread, never inside this call. Tasks may run concurrently: whoever
  // needs an order uses a Strand (strand.h). Thread-safe.
  virtual void Post(Task task) = 0;
  // Runs `task` once `delay` has passed on the monotonic clock. A task that is no longer wanted
  // checks for itself and returns. Thread-safe.
  virtual void PostAfter(absl::Duration delay, Task task) = 0;
  // Whether a strand may run a task on the thread that brings it, which saves a change of threads.
  virtual bool MayRunHere() { return false; }
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_EXECUTOR_H_
