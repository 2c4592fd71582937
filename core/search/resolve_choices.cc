#include <algorithm>

#include "core/search/resolve_method.h"

namespace polystep {

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  schedule.target = value;
  return schedule;
}

Schedule Decaying(double initial, double target, int64_t steps) {
  if (steps <= 0) return Constant(initial);
  Schedule schedule;
  schedule.kind = Schedule::Kind::kCosine;
  schedule.initial = initial;
  schedule.target = target;
  schedule.total_steps = steps;
  return schedule;
}

int64_t HorizonSteps(const ResolveRequest& request, uint64_t evaluations_per_step) {
  int64_t steps = request.horizon_steps;
  if (request.horizon_evaluations > 0) {
    const auto per_step =
        static_cast<int64_t>(std::max<uint64_t>(1, evaluations_per_step * request.repeats));
    const int64_t fit = std::max<int64_t>(1, request.horizon_evaluations / per_step);
    steps = steps > 0 ? std::min(steps, fit) : fit;
  }
  return steps;
}

void ResolveLossScale(OptimizerSpec& spec) {
  if (!spec.loss_scale) spec.loss_scale = LossScale::kRowDeviation;
  if (*spec.loss_scale == LossScale::kConstant && !spec.loss_scale_constant) {
    spec.loss_scale_constant = 1.0;
  }
}

uint64_t CeilDivide(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

}  // namespace polystep
