// Time, injected. TTLs run on Monotonic(), what people read on Now().
#ifndef POLYSTEP_SERVER_BASE_CLOCK_H_
#define POLYSTEP_SERVER_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace polystep {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  virtual absl::Duration Monotonic() const = 0;  // since some fixed instant
};

// The machine's clocks; never destroyed. Thread-safe.
Clock& SystemClock();

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_CLOCK_H_
