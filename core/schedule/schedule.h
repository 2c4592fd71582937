// Values that change with the step: temperatures and radii. A schedule is a pure function of t.
#ifndef POLYSTEP_CORE_SCHEDULE_SCHEDULE_H_
#define POLYSTEP_CORE_SCHEDULE_SCHEDULE_H_

#include <cstdint>

namespace polystep {

struct Schedule {
  enum class Kind : uint8_t { kConstant = 0, kLinear = 1, kCosine = 2, kRamp = 3 };
  Kind kind = Kind::kConstant;
  double initial = 1.0;     // the value of kConstant
  double target = 1.0;      // unused by kConstant
  double decay = 0.0;       // kLinear: per step; kCosine: sets the period when total_steps is 0
  int64_t total_steps = 0;  // kCosine: the (first) period; kRamp: steps, the last at the target
  double restart_multiplier = 1.0;  // kCosine: > 1 restarts, each period longer by this factor

  // kLinear: max(initial - decay t, target). kCosine: target + (initial - target)
  // (1 + cos(pi tau / T)) / 2 with tau clamped to the period T. kRamp: initial + min(1, t / max(1,
  // T - 1)) (target - initial), the reference's momentum. t >= 0.
  double At(int64_t t) const;

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SCHEDULE_SCHEDULE_H_
