// Settings of a process that serves or loads a server, made once, before its threads.
#ifndef POLYSTEP_SERVER_APP_PROCESS_TUNING_H_
#define POLYSTEP_SERVER_APP_PROCESS_TUNING_H_

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "absl/synchronization/mutex.h"

namespace polystep {

// Messages of up to a megabyte come and go: their memory is kept instead of being mapped and
// cleared each time. Larger arrays are those of large steps: they go back, and glibc makes no arena
// for every few threads, in which it would keep them. gRPC's mutexes are Abseil's, which look for
// deadlocks in builds with assertions, as Debian's are.
inline void TuneProcess() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 2 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
  ::mallopt(M_ARENA_MAX, 4);
#endif
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_PROCESS_TUNING_H_
