// Settings of a process that serves or loads a server, made once, before its threads.
#ifndef POLYSTEP_SERVER_APP_PROCESS_TUNING_H_
#define POLYSTEP_SERVER_APP_PROCESS_TUNING_H_

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace polystep {

// Messages of up to a megabyte come and go: their memory is kept instead of being mapped and cleared
// each time. gRPC's mutexes are Abseil's, which look for deadlocks in builds with assertions, as
// Debian's are.
inline void TuneProcess() {
  ::mallopt(M_MMAP_THRESHOLD, 16 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_PROCESS_TUNING_H_
