#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/block.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

uint64_t Coordinates(const SearchSpace& space, const OptimizerSpec& spec) {
  if (!spec.subspace) return static_cast<uint64_t>(space.dimension());
  return Subspace(space, HybridOf(*spec.subspace)).size();
}

// The quadratic model and what needs it.
absl::Status ResolveModel(const ResolveRequest& request, OptimizerSpec& spec) {
  if (!spec.quadratic_model) spec.quadratic_model = false;
  if (!spec.biased_rotation) spec.biased_rotation = false;
  if (*spec.biased_rotation && *spec.particle_dim == 1) {
    return FieldError("optimizer.biased_rotation", "a block of 1 coordinate has no rotation");
  }
  if (*spec.quadratic_model && *spec.coast_steps > 1) {
    return FieldError("optimizer.coast_steps",
                      absl::StrCat("is ", *spec.coast_steps,
                                   ", the limit is 1 with a quadratic model: it knows nothing of "
                                   "steps that are not evaluated"));
  }
  if (*spec.radius_control != RadiusControl::kTrustRegion) return absl::OkStatus();
  if (!*spec.quadratic_model) {
    return FieldError("optimizer.radius_control",
                      "TRUST_REGION judges the predictions of a quadratic model: set "
                      "quadratic_model");
  }
  if (request.noisy) {
    return FieldError("optimizer.radius_control",
                      "TRUST_REGION compares the losses of two steps: it needs noise NONE");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ResolveBlock(const ResolveRequest& request, const SearchSpace& space,
                          OptimizerSpec& spec) {
  if (!spec.polytope) spec.polytope = Polytope::kOrthoplex;
  if (!spec.particle_dim) spec.particle_dim = 2;
  ResolveLossScale(spec);
  if (absl::Status s = ResolveSubspace(space, spec); !s.ok()) return s;
  const auto dim = static_cast<uint64_t>(*spec.particle_dim);
  const uint64_t vertices =
      static_cast<uint64_t>(VertexCount(*spec.polytope, static_cast<int>(*spec.particle_dim)));
  const uint64_t row_count = CeilDivide(Coordinates(space, spec), dim);
  if (!spec.probes) {
    spec.probes = static_cast<uint32_t>(
        std::clamp<uint64_t>(CeilDivide(spec.parallelism, row_count * vertices), 1, 64));
  }
  if (absl::Status s = ResolveComposition(row_count, vertices, spec); !s.ok()) return s;
  if (absl::Status s = ResolveModel(request, spec); !s.ok()) return s;
  const bool judged = *spec.radius_control == RadiusControl::kTrustRegion;
  const uint64_t points = *spec.quadratic_model && (*spec.probes == 1 || judged) ? 1 : 0;
  const uint64_t count = row_count * vertices * *spec.probes + points;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", the blocks of this space offer ",
                                   count, " evaluations a step"));
  }
  const int64_t steps = HorizonSteps(request, count);
  if (!spec.epsilon && spec.solver != Solver::kTopK) spec.epsilon = Constant(1.0);
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
  options.transport = TransportOf(resolved);
  options.step_radius = *resolved.step_radius;
  options.probe_radius = *resolved.probe_radius;
  options.accumulator = AccumulatorOf(resolved);
  options.radius_control = *resolved.radius_control;
  options.quadratic_model = *resolved.quadratic_model;
  options.biased_rotation = *resolved.biased_rotation;
  if (resolved.subspace) {
    options.subspace = HybridOf(*resolved.subspace);
    options.redraw_every = *resolved.subspace->redraw_every;
  }
  return std::make_unique<BlockRule>(std::move(context), options);
}

}  // namespace polystep
