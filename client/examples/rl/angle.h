// sin and cos of radians with the same bits on every machine: all workers of a study have to see
// the same episodes. Pure.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_ANGLE_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_ANGLE_H_

#include <cmath>

#include "core/random/portable_math.h"

namespace polystep::rl {

inline constexpr double kPi = 3.141592653589793;

// Within 4e-16 (1 + |x|). x is finite.
inline SinCos SinCosOf(double x) {
  const double turns = std::abs(x) / (2.0 * kPi);
  SinCos angle = PortableSinCosTurns(turns - std::floor(turns));
  if (x < 0.0) angle.sin = -angle.sin;
  return angle;
}

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_ANGLE_H_
