#include "client/examples/maxsat/candidate_cost.h"

#include <mutex>

namespace polystep::maxsat {

using client::Candidate;
using client::Change;
using client::EvaluationResult;

double LossOf(const Formula& formula, const Cost& cost) {
  const auto hard = static_cast<double>(formula.soft_weight() + 1);
  return hard * static_cast<double>(cost.hard) + static_cast<double>(cost.soft);
}

Cost CostOfLoss(const Formula& formula, double loss) {
  const auto hard = static_cast<int64_t>(formula.soft_weight() + 1);
  const auto whole = static_cast<int64_t>(loss);
  return {whole / hard, whole % hard};
}

void CandidateCost::MoveTo(const std::string& id, absl::Span<const float> values) {
  const std::unique_lock<std::shared_mutex> moving(mutex_);
  if (!id.empty() && id == center_id_) return;
  for (uint32_t v = 0; v < values.size(); ++v) {
    if (Differs(v, values[v])) assignment_.Flip(v);
  }
  center_id_ = id;
}

double CandidateCost::Loss(const Candidate& candidate, std::vector<uint32_t>& flipped) const {
  flipped.clear();
  if (candidate.has_center()) {
    for (const Change& change : candidate.changes()) {
      if (Differs(change.coordinate, change.value)) flipped.push_back(change.coordinate);
    }
  } else {
    const absl::Span<const float> values = candidate.values();
    for (uint32_t v = 0; v < values.size(); ++v) {
      if (Differs(v, values[v])) flipped.push_back(v);
    }
  }
  Cost cost = assignment_.cost();
  if (!flipped.empty()) {
    const Cost difference = assignment_.Difference(flipped);
    cost.hard += difference.hard;
    cost.soft += difference.soft;
  }
  return LossOf(formula_, cost);
}

std::vector<EvaluationResult> CandidateCost::Evaluate(absl::Span<const Candidate> candidates) {
  std::vector<EvaluationResult> results;
  if (candidates.empty()) return results;
  results.reserve(candidates.size());
  const Candidate& first = candidates.front();
  std::shared_lock<std::shared_mutex> counting(mutex_, std::defer_lock);
  if (!first.has_center()) MoveTo({}, first.values());  // near the others, too
  counting.lock();
  while (first.has_center() && first.center_id() != center_id_) {
    counting.unlock();
    MoveTo(first.center_id(), first.center());
    counting.lock();
  }
  std::vector<uint32_t> flipped;
  for (const Candidate& candidate : candidates) results.emplace_back(Loss(candidate, flipped));
  return results;
}

}  // namespace polystep::maxsat
