#include "server/base/thread_pool.h"

#include <algorithm>
#include <utility>

#include "server/base/clock.h"

namespace polystep {

ThreadPoolExecutor::ThreadPoolExecutor(int threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { Work(); });
  threads_.emplace_back([this] { RunTimers(); });
}

ThreadPoolExecutor::~ThreadPoolExecutor() { Shutdown(); }

void ThreadPoolExecutor::Post(Task task) {
  MutexLock lock(mutex_);
  if (stopped_) return;  // the caller's argument is destroyed after the lock is released
  queue_.push_back(std::move(task));
  work_ready_.NotifyOne();
}

void ThreadPoolExecutor::PostAfter(absl::Duration delay, Task task) {
  if (delay <= absl::ZeroDuration()) return Post(std::move(task));
  absl::Duration due = SystemClock().Monotonic() + delay;
  MutexLock lock(mutex_);
  if (stopping_) return;
  timers_.push_back({due, next_sequence_++, std::move(task)});
  std::push_heap(timers_.begin(), timers_.end(), Later);
  if (timers_.front().due == due) timers_changed_.NotifyOne();
}

void ThreadPoolExecutor::Shutdown() {
  std::vector<Timer> dropped;
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    dropped.swap(timers_);
    work_ready_.NotifyAll();
    timers_changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPoolExecutor::Later(const Timer& a, const Timer& b) {
  return a.due != b.due ? a.due > b.due : a.sequence > b.sequence;
}

void ThreadPoolExecutor::Work() {
  mutex_.Lock();
  while (true) {
    if (!queue_.empty()) {
      ++running_;
      Task task = std::move(queue_.front());
      queue_.pop_front();
      mutex_.Unlock();
      std::move(task)();
      task = nullptr;  // what it captured may post when it is destroyed
      mutex_.Lock();
      --running_;
    } else if (stopping_ && running_ == 0) {
      stopped_ = true;
      work_ready_.NotifyAll();
      break;
    } else {
      work_ready_.Wait(mutex_);
    }
  }
  mutex_.Unlock();
}

void ThreadPoolExecutor::RunTimers() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (timers_.empty()) {
      timers_changed_.Wait(mutex_);
      continue;
    }
    absl::Duration left = timers_.front().due - SystemClock().Monotonic();
    if (left > absl::ZeroDuration()) {
      // Far timers are looked at once an hour: an infinite one never fits a chrono duration.
      timers_changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(absl::Ceil(
                                          std::min(left, absl::Hours(1)), absl::Microseconds(1))));
      continue;
    }
    std::pop_heap(timers_.begin(), timers_.end(), Later);
    queue_.push_back(std::move(timers_.back().task));
    timers_.pop_back();
    work_ready_.NotifyOne();
  }
}

}  // namespace polystep
