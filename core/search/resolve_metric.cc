#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/metric.h"
#include "core/random/portable_math.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

// An orthoplex of k directions, k = (4 + 3 ln D) / 2: the samples CMA-ES would draw.
uint32_t AutomaticFrameSize(int64_t dimension) {
  const double half = (4.0 + 3.0 * PortableLog(static_cast<double>(dimension))) / 2.0;
  const auto size = std::max<int64_t>(2, static_cast<int64_t>(std::floor(half)));
  return static_cast<uint32_t>(std::min(size, dimension));
}

bool HasContinuous(const SearchSpace& space) {
  const auto& runs = space.coordinates().runs();
  return std::any_of(runs.begin(), runs.end(),
                     [](const CoordinateRuns::Run& run) { return run.coordinate.spacing == 0.0; });
}

}  // namespace

absl::Status ResolveMetric(const ResolveRequest& request, const SearchSpace& space,
                           OptimizerSpec& spec) {
  if (spec.polytope && *spec.polytope != Polytope::kOrthoplex) {
    return FieldError("optimizer.polytope", "POLYSTEP_METRIC needs the orthoplex");
  }
  spec.polytope = Polytope::kOrthoplex;
  if (!spec.frame_size) spec.frame_size = AutomaticFrameSize(space.dimension());
  const bool lattice = IsMostlyLattice(space);
  if (!spec.epsilon) spec.epsilon = Constant(lattice ? 0.15 : 0.25);
  // Above ten coordinates a first displacement keeps its length, not its share of every one: the
  // radius adapts by a factor in as many steps as there are coordinates.
  const double share = std::min(1.0, std::sqrt(10.0 / static_cast<double>(space.dimension())));
  // Weights that start as random numbers are as good as any others like them: the first
  // displacements are as long, since a search that starts with short ones ends near its start.
  const double deviation = StartDeviation(space);
  if (!spec.step_radius) {
    spec.step_radius = Constant(deviation > 0.0 ? deviation : (lattice ? 0.2 : 0.3) * share);
  }
  if (spec.epsilon->kind != Schedule::Kind::kConstant) {
    return FieldError("optimizer.epsilon.kind", "POLYSTEP_METRIC takes a constant");
  }
  if (spec.step_radius->kind != Schedule::Kind::kConstant) {
    return FieldError("optimizer.step_radius.kind",
                      "POLYSTEP_METRIC adapts its radius from a constant initial one");
  }
  if (!spec.restarts) spec.restarts = true;
  const uint64_t row = uint64_t{2} * *spec.frame_size;
  // Lattices want to see more of a step, and in noise antithetic pairs average best.
  const uint64_t fewest = (lattice || request.noisy) && spec.parallelism == 0 ? 3 : 1;
  const uint64_t rows = std::max(fewest, CeilDivide(spec.parallelism, row));
  if (absl::Status s = CheckStepSize((row * rows) << kMostDoublings, request.repeats); !s.ok()) {
    return s;
  }
  // Without a wish for more, the surrogate's proposals are steps of one where there is anything
  // continuous; noisy studies have no surrogate.
  const bool sequential = HasContinuous(space) && !request.noisy && spec.parallelism <= 1;
  spec.parallelism = sequential ? 1 : static_cast<uint32_t>(row * rows);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakeMetricRule(const OptimizerSpec& resolved, RuleContext context) {
  MetricOptions options;
  options.frame_size = *resolved.frame_size;
  options.rows =
      static_cast<uint32_t>(CeilDivide(resolved.parallelism, uint64_t{2} * *resolved.frame_size));
  options.sequential = resolved.parallelism == 1;
  options.temperature = resolved.epsilon->initial;
  options.radius = resolved.step_radius->initial;
  options.restarts = *resolved.restarts;
  return std::make_unique<MetricRule>(std::move(context), options);
}

}  // namespace polystep
