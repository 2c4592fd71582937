#include "server/base/beside.h"

#include <memory>
#include <utility>

#include "server/base/mutex.h"

namespace polystep {
namespace {

// Of the posted work. It outlives the call: the executor may come to the task long after.
struct Claim {
  Mutex mutex;
  ConditionVariable changed;
  bool taken ABSL_GUARDED_BY(mutex) = false;
  bool done ABSL_GUARDED_BY(mutex) = false;

  // True for the first who asks.
  bool Take() {
    MutexLock lock(mutex);
    return !std::exchange(taken, true);
  }
};

}  // namespace

void RunBeside(Executor& executor, absl::FunctionRef<void()> other,
               absl::FunctionRef<void()> here) {
  auto claim = std::make_shared<Claim>();
  executor.Post([claim, other] {
    if (!claim->Take()) return;  // `other` may be gone
    other();
    MutexLock lock(claim->mutex);
    claim->done = true;
    claim->changed.NotifyAll();
  });
  here();
  if (claim->Take()) return other();
  MutexLock lock(claim->mutex);
  while (!claim->done) claim->changed.Wait(claim->mutex);
}

}  // namespace polystep
