#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/block.h"
#include "core/search/resolve_method.h"

namespace polystep {

absl::Status ResolveBlock(const ResolveRequest& request, const SearchSpace& space,
                          OptimizerSpec& spec) {
  if (!spec.polytope) spec.polytope = Polytope::kOrthoplex;
  if (!spec.particle_dim) spec.particle_dim = 2;
  ResolveLossScale(spec);
  const auto dim = static_cast<uint64_t>(*spec.particle_dim);
  const uint64_t vertices =
      static_cast<uint64_t>(VertexCount(*spec.polytope, static_cast<int>(*spec.particle_dim)));
  const uint64_t row_count = CeilDivide(static_cast<uint64_t>(space.dimension()), dim);
  if (!spec.probes) {
    spec.probes = static_cast<uint32_t>(
        std::clamp<uint64_t>(CeilDivide(spec.parallelism, row_count * vertices), 1, 64));
  }
  const uint64_t count = row_count * vertices * *spec.probes;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", the blocks of this space offer ",
                                   count, " evaluations a step"));
  }
  const int64_t steps = HorizonSteps(request, count);
  if (!spec.epsilon) spec.epsilon = Constant(1.0);
  if (!spec.step_radius) spec.step_radius = Decaying(0.1, 0.001, steps);
  if (!spec.probe_radius) spec.probe_radius = Decaying(0.2, 0.002, steps);
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakeBlockRule(const OptimizerSpec& resolved, RuleContext context) {
  BlockOptions options;
  options.polytope = *resolved.polytope;
  options.particle_dim = *resolved.particle_dim;
  options.probes = *resolved.probes;
  options.epsilon = *resolved.epsilon;
  options.step_radius = *resolved.step_radius;
  options.probe_radius = *resolved.probe_radius;
  options.loss_scale = *resolved.loss_scale;
  options.loss_scale_constant = resolved.loss_scale_constant.value_or(1.0);
  return std::make_unique<BlockRule>(std::move(context), options);
}

}  // namespace polystep
