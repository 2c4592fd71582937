#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/rows.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

constexpr uint32_t kFrameSize = 4;
constexpr double kProbeRadius = 0.45;
// At the start; the rule finds the right one.
constexpr double kStepRadius = 0.04;

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

// From `initial` to next to nothing in a straight line.
Schedule Falling(double initial, int64_t steps) {
  if (steps <= 1) return Constant(initial);
  Schedule schedule;
  schedule.kind = Schedule::Kind::kRamp;
  schedule.initial = initial;
  schedule.target = initial / static_cast<double>(steps);
  schedule.total_steps = steps;
  return schedule;
}

}  // namespace

absl::Status ResolveRows(const ResolveRequest& request, const SearchSpace& space,
                         OptimizerSpec& spec) {
  if (absl::Status s = CheckTensors(space); !s.ok()) return s;
  const auto rows = static_cast<uint64_t>(RowsOf(space).size());
  if (!spec.frame_size) {
    spec.frame_size = static_cast<uint32_t>(
        std::clamp<uint64_t>(CeilDivide(spec.parallelism, 2 * rows), kFrameSize, 1024));
  }
  const uint64_t count = rows * 2 * *spec.frame_size;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", the rows of this space offer ",
                                   count, " evaluations a step"));
  }
  if (!spec.epsilon) spec.epsilon = Constant(1.0);
  if (!spec.probe_radius) spec.probe_radius = Constant(kProbeRadius);
  if (!spec.step_radius) {
    spec.step_radius = Falling(kStepRadius, HorizonSteps(request, count));
  }
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakeRowsRule(const OptimizerSpec& resolved, RuleContext context) {
  RowsOptions options;
  options.frame_size = *resolved.frame_size;
  options.transport.epsilon = *resolved.epsilon;
  options.step_radius = *resolved.step_radius;
  options.probe_radius = *resolved.probe_radius;
  return std::make_unique<RowsRule>(std::move(context), options);
}

}  // namespace polystep
