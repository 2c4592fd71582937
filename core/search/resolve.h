// Automatic choices of the optimizer, made once when a study is created and then stored.
//
// Resolving a resolved spec changes nothing. Pure.
#ifndef POLYSTEP_CORE_SEARCH_RESOLVE_H_
#define POLYSTEP_CORE_SEARCH_RESOLVE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/method/step_rule.h"
#include "core/search/optimizer_spec.h"
#include "core/space/search_space.h"

namespace polystep {

// Evaluations of one step, repeats included.
inline constexpr uint64_t kMaxStepEvaluations = uint64_t{1} << 25;

struct ResolveRequest {
  OptimizerSpec optimizer;
  uint32_t repeats = 1;
  int64_t horizon_evaluations = 0;
  int64_t horizon_steps = 0;
  bool noisy = false;  // losses of one point differ between steps
};

// Every field the method uses is set in the result; `parallelism` is what a step offers, repeats
// not counted. Errors: INVALID_ARGUMENT with the field path below the study spec.
absl::StatusOr<OptimizerSpec> ResolveOptimizer(const ResolveRequest& request,
                                               const SearchSpace& space);

// The rule of a resolved spec.
std::unique_ptr<StepRule> MakeStepRule(const OptimizerSpec& resolved, RuleContext context);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_RESOLVE_H_
