#include "core/search/resolve.h"

#include <utility>

#include "core/base/field_error.h"
#include "core/method/flip.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

// Flips where everything is a bit and there are enough of them for the workers asked for.
Method AutomaticMethod(const OptimizerSpec& spec, const SearchSpace& space) {
  const bool flips = IsBinary(space) && spec.parallelism <= space.dimension() + 1;
  return flips ? Method::kFlip : Method::kMetric;
}

}  // namespace

absl::StatusOr<OptimizerSpec> ResolveOptimizer(const ResolveRequest& request,
                                               const SearchSpace& space) {
  OptimizerSpec spec = request.optimizer;
  if (spec.method > Method::kRows) return FieldError("optimizer.method", "is unknown");
  if (spec.method == Method::kAutomatic) spec.method = AutomaticMethod(spec, space);
  if (absl::Status s = CheckFields(spec, space); !s.ok()) return s;
  if (absl::Status s = CheckMethodFields(spec); !s.ok()) return s;
  if (absl::Status s = CheckStepSize(spec.parallelism, request.repeats); !s.ok()) return s;
  absl::Status status = spec.method == Method::kMetric  ? ResolveMetric(request, space, spec)
                        : spec.method == Method::kFlip  ? ResolveFlip(request, space, spec)
                        : spec.method == Method::kRows  ? ResolveRows(request, space, spec)
                        : spec.method == Method::kBlock ? ResolveBlock(request, space, spec)
                                                        : ResolvePopulation(request, space, spec);
  if (!status.ok()) return status;
  return spec;
}

std::unique_ptr<StepRule> MakeStepRule(const OptimizerSpec& resolved, RuleContext context) {
  if (resolved.method == Method::kMetric) return MakeMetricRule(resolved, std::move(context));
  if (resolved.method == Method::kFlip) return MakeFlipRule(resolved, std::move(context));
  if (resolved.method == Method::kRows) return MakeRowsRule(resolved, std::move(context));
  if (resolved.method == Method::kBlock) return MakeBlockRule(resolved, std::move(context));
  return MakePopulationRule(resolved, std::move(context));
}

}  // namespace polystep
