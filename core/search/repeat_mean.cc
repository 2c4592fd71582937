#include "core/search/repeat_mean.h"

#include <cstdint>

namespace polystep {

MeanAnswers MeanOverRepeats(const RepeatedAnswers& answers, size_t count) {
  MeanAnswers mean;
  mean.losses.assign(count, 0.0);
  mean.outcomes.assign(count, Outcome::kMissing);
  if (!answers.violations.empty()) mean.violations.assign(count, 0.0);
  for (size_t i = 0; i < count; ++i) {
    double sum = 0.0;
    double violation = 0.0;
    uint32_t losses = 0;
    uint32_t infeasible = 0;
    for (size_t n = i; n < answers.losses.size(); n += count) {
      const bool violated = answers.outcomes[n] == Outcome::kViolation;
      if (violated || answers.outcomes[n] == Outcome::kLoss) {
        sum += answers.losses[n];
        if (violated) violation += answers.violations[n];
        ++losses;
      } else if (answers.outcomes[n] == Outcome::kInfeasible) {
        ++infeasible;
      }
    }
    if (losses + infeasible == 0) continue;
    if (infeasible > losses) {
      mean.outcomes[i] = Outcome::kInfeasible;
      continue;
    }
    mean.outcomes[i] = violation > 0.0 ? Outcome::kViolation : Outcome::kLoss;
    mean.losses[i] = sum / losses;
    if (violation > 0.0) mean.violations[i] = violation / losses;
  }
  return mean;
}

}  // namespace polystep
