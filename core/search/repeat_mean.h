// Repeats of one step's candidates to one answer a candidate. Pure.
#ifndef POLYSTEP_CORE_SEARCH_REPEAT_MEAN_H_
#define POLYSTEP_CORE_SEARCH_REPEAT_MEAN_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/softmax.h"

namespace polystep {

// Answers by index, repeat-major: index n is a repeat of candidate n % count. `violations` may be
// empty where no outcome is kViolation.
struct RepeatedAnswers {
  absl::Span<const double> losses;
  absl::Span<const Outcome> outcomes;
  absl::Span<const double> violations;
};

// Mean of the losses answered and of their violations; infeasible where most answers are, and a
// violation where any repeat has one.
struct MeanAnswers {
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
  std::vector<double> violations;  // empty where no outcome is kViolation
};
MeanAnswers MeanOverRepeats(const RepeatedAnswers& answers, size_t count);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_REPEAT_MEAN_H_
