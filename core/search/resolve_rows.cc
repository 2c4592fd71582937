#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/rows.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

constexpr uint32_t kFrameSize = 4;
// Far probes see what lies beyond a threshold, near ones what the slope is: from the first to the
// last over the horizon; the other one without.
constexpr double kFirstProbe = 0.6;
constexpr double kLastProbe = 0.3;
constexpr double kProbe = 0.45;
// Frames of few directions make more steps of a budget: what a search of few steps needs. Of many
// steps it needs no more.
constexpr uint32_t kFewDirections = 2;
constexpr int64_t kManySteps = 1000;

// At the start. In few steps it has to get as far as noise lets it: the moves that steps agree on
// grow with their number, those of chance with its root.
constexpr double kStepRadius = 0.04;
constexpr double kLongest = 4.0;  // of kStepRadius

// Enough that a network that would fit its samples stays small, not so much that one that needs
// large weights, as behind stairs, cannot have them.
constexpr double kWeightDecay = 0.02;

absl::Status CheckTensors(const SearchSpace& space) {
  if (space.has_parameters()) {
    return FieldError("optimizer.method", "POLYSTEP_ROWS needs tensors alone, no parameters");
  }
  for (size_t i = 0; i < space.tensors().size(); ++i) {
    if (space.tensors()[i].kind == TensorKind::kReal) continue;
    return FieldError("optimizer.method",
                      absl::StrCat("POLYSTEP_ROWS needs REAL tensors, tensors[", i, "] is not"));
  }
  return absl::OkStatus();
}

// What a step multiplies by stays positive.
absl::Status CheckDecay(const OptimizerSpec& spec) {
  const double decay = *spec.weight_decay;
  if (!(decay >= 0.0) || !std::isfinite(decay)) {
    return FieldError("optimizer.weight_decay", absl::StrCat("must be >= 0, is ", decay));
  }
  const Schedule& step = *spec.step_radius;
  const double radius =
      step.kind == Schedule::Kind::kConstant ? step.initial : std::max(step.initial, step.target);
  if (decay * radius < 1.0) return absl::OkStatus();
  return FieldError(
      "optimizer.weight_decay",
      absl::StrCat("is ", decay, " and the step radius up to ", radius,
                   ": a step would lose all of a weight, their product must be below 1"));
}

// In a straight line over `steps`.
Schedule Line(double initial, double target, int64_t steps) {
  Schedule schedule;
  schedule.kind = Schedule::Kind::kRamp;
  schedule.initial = initial;
  schedule.target = target;
  schedule.total_steps = steps;
  return schedule;
}

uint32_t FrameSizeFor(const ResolveRequest& request, uint64_t rows) {
  const int64_t steps = HorizonSteps(request, rows * 2 * kFrameSize);
  return steps > 1 && steps < kManySteps ? kFewDirections : kFrameSize;
}

// Step radii whose last is next to nothing.
Schedule Falling(int64_t steps) {
  const auto count = static_cast<double>(steps);
  const double first = kStepRadius * std::clamp(std::sqrt(kManySteps / count), 1.0, kLongest);
  return Line(first, first / count, steps);
}

}  // namespace

absl::Status ResolveRows(const ResolveRequest& request, const SearchSpace& space,
                         OptimizerSpec& spec) {
  if (absl::Status s = CheckTensors(space); !s.ok()) return s;
  const auto rows = static_cast<uint64_t>(RowsOf(space).size());
  if (!spec.frame_size) {
    spec.frame_size = static_cast<uint32_t>(std::clamp<uint64_t>(
        CeilDivide(spec.parallelism, 2 * rows), FrameSizeFor(request, rows), 1024));
  }
  const uint64_t count = rows * 2 * *spec.frame_size;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", the rows of this space offer ",
                                   count, " evaluations a step"));
  }
  if (!spec.epsilon) spec.epsilon = Constant(1.0);
  const int64_t steps = HorizonSteps(request, count);
  if (!spec.probe_radius) {
    spec.probe_radius = steps > 1 ? Line(kFirstProbe, kLastProbe, steps) : Constant(kProbe);
  }
  if (!spec.step_radius) spec.step_radius = steps > 1 ? Falling(steps) : Constant(kStepRadius);
  if (!spec.weight_decay) {
    spec.weight_decay = request.noisy && StartDeviation(space) > 0.0 ? kWeightDecay : 0.0;
  }
  if (absl::Status s = CheckDecay(spec); !s.ok()) return s;
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakeRowsRule(const OptimizerSpec& resolved, RuleContext context) {
  RowsOptions options;
  options.frame_size = *resolved.frame_size;
  options.transport.epsilon = *resolved.epsilon;
  options.step_radius = *resolved.step_radius;
  options.weight_decay = *resolved.weight_decay;
  options.probe_radius = *resolved.probe_radius;
  return std::make_unique<RowsRule>(std::move(context), options);
}

}  // namespace polystep
