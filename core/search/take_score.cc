// What becomes of a step's score evaluations.
#include <vector>

#include "core/search/search_state.h"

namespace polystep {

void Search::State::TakeScore(const RepeatedAnswers& scores, StepSummary& summary) {
  last_score_step = step;
  center_scored = true;
  const MeanAnswers mean = MeanOverRepeats(scores, 1);
  if (!IsRanked(mean.outcomes[0])) return;
  const Merit merit = MeritOf(0, mean.losses, mean.outcomes, mean.violations);
  if (merit.feasible()) summary.score = merit.loss;
  if (!IsPreferred(merit, scores)) return;
  summary.improved = true;
  const bool levelled = spec.noise == Noise::kNoisy && merit.feasible();
  best = Incumbent{levelled ? level.mean() : merit.loss, step, 0, KeepCenter(), merit.violation};
}

bool Search::State::IsPreferred(const Merit& merit, const RepeatedAnswers& scores) {
  const bool better = !best || merit < best->merit();
  if (spec.noise != Noise::kNoisy) return better;
  if (!merit.feasible()) return better;
  if (best && !best->merit().feasible()) level.Clear();
  std::vector<double> losses;
  for (size_t n = 0; n < scores.losses.size(); ++n) {
    if (scores.outcomes[n] == Outcome::kLoss) losses.push_back(scores.losses[n]);
  }
  return level.Take(step, losses) != ScoreLevel::Verdict::kWorse;
}

}  // namespace polystep
