// The server's executor: a fixed number of threads, one queue, and one more thread for timers.
//
// The queue has no bound of its own: a dropped task would be a lost answer, so whoever posts
// bounds what may be outstanding (waiters, leases, the store's queue). Tasks must not throw.
// Thread-safe.
#ifndef POLYSTEP_SERVER_BASE_THREAD_POOL_H_
#define POLYSTEP_SERVER_BASE_THREAD_POOL_H_

#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "server/base/executor.h"
#include "server/base/mutex.h"

namespace polystep {

class ThreadPoolExecutor : public Executor {
 public:
  explicit ThreadPoolExecutor(int threads);  // at least 1
  ~ThreadPoolExecutor() override;            // Shutdown()

  void Post(Task task) override;
  void PostAfter(absl::Duration delay, Task task) override;
  bool MayRunHere() override { return true; }

  // Runs every queued task and what those tasks post, drops the delayed ones that are not due, and
  // joins the threads. What is posted afterwards is destroyed without being run. Not from a task.
  void Shutdown();

 private:
  struct Timer {
    absl::Duration due;  // on the monotonic clock
    uint64_t sequence;   // equal times run in the order of the calls
    Task task;
  };
  static bool Later(const Timer& a, const Timer& b);

  void Work();
  void RunTimers();

  Mutex mutex_;
  ConditionVariable work_ready_;
  ConditionVariable timers_changed_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<Timer> timers_ ABSL_GUARDED_BY(mutex_);  // a heap, earliest first
  uint64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // constant until Shutdown
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_THREAD_POOL_H_
