// Runs tasks one at a time, in the order of Post, on an executor: a strand before a mutex.
//
// Tasks of one strand never run concurrently and each sees what the ones before it wrote. No lock
// is held while a task runs, so tasks may post to this strand. The strand may be destroyed at any
// time, also by one of its tasks: what was posted still runs. The executor outlives the strand and
// its tasks; tasks it drops at its shutdown are destroyed without being run. Thread-safe.
#ifndef POLYSTEP_SERVER_BASE_STRAND_H_
#define POLYSTEP_SERVER_BASE_STRAND_H_

#include <memory>

#include "server/base/executor.h"

namespace polystep {

class Strand {
 public:
  explicit Strand(Executor* executor);

  void Post(Task task);
  // Runs `task`, and few others that it posts, inside this call if the strand is idle and the
  // executor allows it; else Post(task). Not with a lock held that a task may want.
  void Dispatch(Task task);

 private:
  struct State;
  class Turn;

  std::shared_ptr<State> state_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_STRAND_H_
