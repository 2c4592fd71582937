// Parts of ResolveOptimizer: what a caller may ask for, and one file of choices per method.
//
// Shared by the resolve_*.cc files alone. Pure. Errors: INVALID_ARGUMENT with the field path below
// the study spec.
#ifndef POLYSTEP_CORE_SEARCH_RESOLVE_METHOD_H_
#define POLYSTEP_CORE_SEARCH_RESOLVE_METHOD_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "core/method/accumulator.h"
#include "core/method/step_rule.h"
#include "core/method/vertex_weights.h"
#include "core/search/optimizer_spec.h"
#include "core/search/resolve.h"
#include "core/space/search_space.h"
#include "core/subspace/hybrid_layout.h"

namespace polystep {

// resolve_checks.cc. Values of fields that are given, whatever the method; and that every given
// field is one of the method's (those of the others are refused, not ignored).
absl::Status CheckFields(const OptimizerSpec& spec, const SearchSpace& space);
absl::Status CheckMethodFields(const OptimizerSpec& spec);
// A step of `evaluations` before repeats fits.
absl::Status CheckStepSize(uint64_t evaluations, uint32_t repeats);

// resolve_composition.cc. Sets what the step of a block or population method is made of beside its
// schedules, and refuses what cannot work together or would do nothing. `rows` of `vertices` are
// its particles.
absl::Status ResolveComposition(uint64_t rows, uint64_t vertices, OptimizerSpec& spec);
// The subspace's defaults and limits, if there is one.
absl::Status ResolveSubspace(const SearchSpace& space, OptimizerSpec& spec);
TransportOptions TransportOf(const OptimizerSpec& resolved);
AccumulatorOptions AccumulatorOf(const OptimizerSpec& resolved);
HybridOptions HybridOf(const SubspaceSpec& subspace);

// resolve_choices.cc.
Schedule Constant(double value);
// Decays by a cosine over `steps`, or stays at `initial` where there is no horizon (steps <= 0).
Schedule Decaying(double initial, double target, int64_t steps);
// Of weights, by the look of them, how far their start lies from 0: the root of the mean square
// over the coordinates that start as random numbers. 0 where there are parameters or bounds, where
// nothing starts randomly, and where a tensor starts from values that were given: those say where
// a search belongs.
double StartDeviation(const SearchSpace& space);
// Steps until the study's horizon; 0 without one.
int64_t HorizonSteps(const ResolveRequest& request, uint64_t evaluations_per_step);
void ResolveLossScale(OptimizerSpec& spec);
uint64_t CeilDivide(uint64_t a, uint64_t b);

// One file each: sets every field the method uses, and builds its rule from a resolved spec.
absl::Status ResolveMetric(const ResolveRequest& request, const SearchSpace& space,
                           OptimizerSpec& spec);
std::unique_ptr<StepRule> MakeMetricRule(const OptimizerSpec& resolved, RuleContext context);

absl::Status ResolveBlock(const ResolveRequest& request, const SearchSpace& space,
                          OptimizerSpec& spec);
std::unique_ptr<StepRule> MakeBlockRule(const OptimizerSpec& resolved, RuleContext context);

absl::Status ResolvePopulation(const ResolveRequest& request, const SearchSpace& space,
                               OptimizerSpec& spec);
std::unique_ptr<StepRule> MakePopulationRule(const OptimizerSpec& resolved, RuleContext context);

// Only for binary spaces (core/method/flip.h).
absl::Status ResolveFlip(const ResolveRequest& request, const SearchSpace& space,
                         OptimizerSpec& spec);
std::unique_ptr<StepRule> MakeFlipRule(const OptimizerSpec& resolved, RuleContext context);

// Only for real tensors (core/method/rows.h).
absl::Status ResolveRows(const ResolveRequest& request, const SearchSpace& space,
                         OptimizerSpec& spec);
std::unique_ptr<StepRule> MakeRowsRule(const OptimizerSpec& resolved, RuleContext context);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_RESOLVE_METHOD_H_
