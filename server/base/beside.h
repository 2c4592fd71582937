// Two pieces of work at the same time, where a thread is free.
#ifndef POLYSTEP_SERVER_BASE_BESIDE_H_
#define POLYSTEP_SERVER_BASE_BESIDE_H_

#include "absl/functional/function_ref.h"
#include "server/base/executor.h"

namespace polystep {

// Runs both and returns when both are done: `here` on this thread, `other` on the executor's, or
// here too if none of its threads has begun by then. So it never waits for a thread that may itself
// be waiting, and may be called on one. The two must not touch what the other writes.
void RunBeside(Executor& executor, absl::FunctionRef<void()> other, absl::FunctionRef<void()> here);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_BESIDE_H_
