#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/method/flip.h"
#include "core/search/resolve_method.h"

namespace polystep {
namespace {

// Of the bits, a step asks for one in so many: few flips that are taken together then meet in one
// term of the loss.
constexpr uint64_t kShare = 16;
constexpr uint64_t kFewestFlips = 16;

// Annealing in mean loss differences: above, most bits move freely; below, only downhill.
constexpr double kHot = 0.3;
constexpr double kCold = 1e-6;

// The first cycle's length; later ones grow by a factor, so that a good solution is known early.
// With a horizon the last cycle, three quarters of everything, ends with it.
constexpr double kFirstSweeps = 4.0;
constexpr double kGrowth = 4.0;
constexpr double kGrowthWithoutHorizon = 2.0;

Schedule Cycles(double steps_per_sweep, double horizon_steps) {
  Schedule schedule;
  schedule.kind = Schedule::Kind::kCosine;
  schedule.initial = kHot;
  schedule.target = kCold;
  double first = kFirstSweeps * steps_per_sweep;
  schedule.restart_multiplier = kGrowthWithoutHorizon;
  if (horizon_steps > 0.0) {
    schedule.restart_multiplier = kGrowth;
    double cycles = 1.0;  // all of them, in first ones
    while (first * (kGrowth * cycles + 1.0) <= horizon_steps) cycles = kGrowth * cycles + 1.0;
    first = horizon_steps / cycles;
  }
  schedule.total_steps = std::max<int64_t>(1, static_cast<int64_t>(first));
  return schedule;
}

}  // namespace

absl::Status ResolveFlip(const ResolveRequest& request, const SearchSpace& space,
                         OptimizerSpec& spec) {
  if (!IsBinary(space)) {
    return FieldError("optimizer.method",
                      "POLYSTEP_FLIP needs binary tensors and booleans, and nothing else");
  }
  const auto bits = static_cast<uint64_t>(space.dimension());
  if (spec.parallelism > bits + 1) {
    return FieldError("optimizer.parallelism",
                      absl::StrCat("is ", spec.parallelism, ", single flips of this space offer ",
                                   bits + 1, " evaluations a step"));
  }
  const uint64_t share = std::max(kFewestFlips, CeilDivide(bits, kShare));
  const uint64_t wanted = spec.parallelism > 0 ? spec.parallelism - 1 : 0;
  const uint64_t flips = std::min(bits, std::max(share, wanted));
  if (absl::Status s = CheckStepSize(flips + 1, request.repeats); !s.ok()) return s;
  if (!spec.epsilon) {
    spec.epsilon = Cycles(static_cast<double>(bits) / static_cast<double>(flips),
                          static_cast<double>(HorizonSteps(request, flips + 1)));
  }
  spec.parallelism = static_cast<uint32_t>(flips + 1);
  return absl::OkStatus();
}

std::unique_ptr<StepRule> MakeFlipRule(const OptimizerSpec& resolved, RuleContext context) {
  FlipOptions options;
  options.flips = resolved.parallelism - 1;
  options.epsilon = *resolved.epsilon;
  return std::make_unique<FlipRule>(std::move(context), options);
}

}  // namespace polystep
