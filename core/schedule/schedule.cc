#include "core/schedule/schedule.h"

#include <algorithm>
#include <cmath>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr int kMaxRestarts = 100;
constexpr double kLongestPeriod = 0x1p53;

// floor(value) as a number of steps, at least 1.
double Steps(double value) {
  if (!(value >= 1.0)) return 1.0;
  return std::min(std::floor(value), kLongestPeriod);
}

double CosineAt(const Schedule& schedule, int64_t t) {
  double period =
      schedule.total_steps > 0
          ? static_cast<double>(schedule.total_steps)
          : Steps((schedule.initial - schedule.target) / std::max(schedule.decay, 1e-12));
  double elapsed = static_cast<double>(std::max<int64_t>(t, 0));
  if (schedule.restart_multiplier > 1.0) {
    for (int restart = 0; restart < kMaxRestarts && elapsed >= period; ++restart) {
      elapsed -= period;
      period = Steps(period * schedule.restart_multiplier);
    }
  }
  const double half_turns = std::min(elapsed, period) / period;
  return schedule.target + 0.5 * (schedule.initial - schedule.target) *
                               (1.0 + PortableSinCosTurns(0.5 * half_turns).cos);
}

}  // namespace

double Schedule::At(int64_t t) const {
  switch (kind) {
    case Kind::kConstant:
      return initial;
    case Kind::kLinear:
      return std::max(initial - decay * static_cast<double>(t), target);
    case Kind::kCosine:
      return CosineAt(*this, t);
    case Kind::kRamp:
      return initial + std::min(1.0, static_cast<double>(t) / static_cast<double>(std::max<int64_t>(
                                                                  1, total_steps - 1))) *
                           (target - initial);
  }
  return initial;
}

}  // namespace polystep
