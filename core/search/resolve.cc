#include "core/search/resolve.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/field_error.h"
#include "core/method/flip.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

// More coordinates than the metric method learns a full metric of.
constexpr int64_t kManyCoordinates = 256;

// Weights of a network, by the look of them: real tensors alone, one of them with rows.
bool IsNetwork(const SearchSpace& space) {
  const std::vector<TensorSpec>& tensors = space.tensors();
  return !space.has_parameters() && space.dimension() > kManyCoordinates &&
         std::all_of(tensors.begin(), tensors.end(),
                     [](const TensorSpec& tensor) { return tensor.kind == TensorKind::kReal; }) &&
         std::any_of(tensors.begin(), tensors.end(), [](const TensorSpec& tensor) {
           return tensor.shape.size() > 1 && tensor.shape[0] > 1;
         });
}

// Flips where everything is a bit and there are enough of them for the workers asked for.
Method AutomaticMethod(const OptimizerSpec& spec, const SearchSpace& space) {
  if (IsNetwork(space)) return Method::kRows;
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
