#include <chrono>

#include "absl/time/clock.h"
#include "server/base/clock.h"

namespace polystep {
namespace {

class MachineClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration Monotonic() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock& clock = *new MachineClock;
  return clock;
}

}  // namespace polystep
