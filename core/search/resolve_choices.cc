#include <algorithm>
#include <cmath>

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

double StartDeviation(const SearchSpace& space) {
  if (space.has_parameters()) return 0.0;
  double squares = 0.0;
  double count = 0.0;
  for (const TensorSpec& tensor : space.tensors()) {
    const Initializer& start = tensor.initializer;
    const bool uniform = start.kind == Initializer::Kind::kUniform;
    if (tensor.kind != TensorKind::kReal || tensor.min) return 0.0;
    if (start.kind == Initializer::Kind::kZero) continue;
    if (!uniform && start.kind != Initializer::Kind::kNormal) return 0.0;
    double size = 1.0;
    for (const int64_t length : tensor.shape) size *= static_cast<double>(length);
    squares += size * start.scale * start.scale / (uniform ? 3.0 : 1.0);
    count += size;
  }
  return count > 0.0 ? std::sqrt(squares / count) : 0.0;
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
