#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/population.h"
#include "core/search/resolve_method.h"

namespace polystep {

absl::Status ResolvePopulation(const ResolveRequest& request, const SearchSpace& space,
                               OptimizerSpec& spec) {
  if (space.dimension() > kMaxPopulationDimension) {
    return FieldError("optimizer.method",
                      absl::StrCat("POLYSTEP_POPULATION rotates all ", space.dimension(),
                                   " coordinates at once, the limit is ", kMaxPopulationDimension));
  }
  if (!spec.polytope) spec.polytope = Polytope::kOrthoplex;
  if (*spec.polytope == Polytope::kCube && space.dimension() > 16) {
    return FieldError(
        "optimizer.polytope",
        absl::StrCat("a cube of ", space.dimension(),
                     " dimensions has too many vertices, the limit is 16 dimensions"));
  }
  ResolveLossScale(spec);
  const auto vertices =
      static_cast<uint64_t>(VertexCount(*spec.polytope, static_cast<int>(space.dimension())));
  if (!spec.particles) {
    spec.particles =
        static_cast<uint32_t>(std::max<uint64_t>(1, CeilDivide(spec.parallelism, vertices)));
  }
  if (absl::Status s = ResolveComposition(*spec.particles, vertices, spec); !s.ok()) return s;
  if (*spec.radius_control == RadiusControl::kTrustRegion) {
    return FieldError("optimizer.radius_control",
                      "TRUST_REGION judges the quadratic model of POLYSTEP_BLOCK");
  }
  const uint64_t count = vertices * *spec.particles;
  if (absl::Status s = CheckStepSize(count, request.repeats); !s.ok()) return s;
  if (spec.parallelism > count) {
    return FieldError(
        "optimizer.particles",
        absl::StrCat("is ", *spec.particles, ", too few for a parallelism of ", spec.parallelism));
  }
  if (!spec.epsilon && spec.solver != Solver::kTopK) spec.epsilon = Constant(0.5);
  if (!spec.step_radius) {
    spec.step_radius = Decaying(0.25, 0.0025, HorizonSteps(request, count));
  }
  spec.parallelism = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakePopulationRule(const OptimizerSpec& resolved, RuleContext context) {
  PopulationOptions options;
  options.polytope = *resolved.polytope;
  options.particles = *resolved.particles;
  options.transport = TransportOf(resolved);
  options.step_radius = *resolved.step_radius;
  options.accumulator = AccumulatorOf(resolved);
  options.radius_control = *resolved.radius_control;
  return std::make_unique<PopulationRule>(std::move(context), options);
}

}  // namespace polystep
