// Weights of a step's candidates by the ranks of their losses, over all its rows together.
//
// weight = exp(-rank / ((n - 1) temperature)) / sum over n answered candidates: a softmax of ranks,
// blind to the losses' units and outliers. Ranks are those of core/transport/merit.h; ties share
// their mean weight. Pure functions.
#ifndef POLYSTEP_CORE_METHOD_RANK_WEIGHTS_H_
#define POLYSTEP_CORE_METHOD_RANK_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/softmax.h"

namespace polystep {

struct RankWeights {
  std::vector<double> weights;  // sum 1, or all 0
  uint32_t usable = 0;          // answered candidates
  bool flat = true;             // no two usable candidates differ
  // E sum over pairs (w+ - w-)^2 if the ranks were random: what calibrates a path to chance.
  double neutral_second_moment = 0.0;
};

// Rows of `vertices` candidates; v and v + vertices/2 are antipodes. A missing candidate has no
// weight with its antipode missing, too, else the mean weight: so its antipode moves the center by
// what its own rank is above or below chance, and a hole does not push.
// `violations` may be empty where no outcome is kViolation.
RankWeights WeighByRank(double temperature, uint32_t vertices, absl::Span<const double> losses,
                        absl::Span<const Outcome> outcomes,
                        absl::Span<const double> violations = {});

// 1 / sum w^2 of `count` untied candidates: the effective number of parents.
double EffectiveMass(double temperature, uint32_t count);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_RANK_WEIGHTS_H_
