#include "client/examples/maxsat/candidate_cost.h"

#include <algorithm>

namespace polystep::maxsat {

using client::Candidate;
using client::Change;
using client::EvaluationResult;

uint64_t DefaultHardWeight(const Formula& formula) {
  const uint64_t variables = std::max(1u, formula.variables());
  return std::min(formula.soft_weight(), 16 * (formula.soft_weight() / variables + 1)) + 1;
}

void CandidateCost::StartCounting(const Candidate& candidate) {
  const bool whole = !candidate.has_center();
  bool near = false;  // a whole candidate's assignment was here, or it is that of its neighbour
  Lock lock(mutex_);
  while (whole ? !near : candidate.center_id() != center_id_) {
    if (move_ && move_->taken < Assignment::kParts) {
      TakeParts(lock);
    } else if (move_ || counting_ > 0) {
      changed_.wait(lock);
    } else if (whole) {
      MoveTo({}, {candidate.values()}, lock);
      near = true;
    } else {
      MoveToCenter(candidate, lock);
    }
  }
  ++counting_;
}

void CandidateCost::StopCounting() {
  const Lock lock(mutex_);
  if (--counting_ == 0) changed_.notify_all();
}

void CandidateCost::MoveToCenter(const Candidate& candidate, Lock& lock) {
  Move move = {candidate.center()};
  if (!center_id_.empty() && candidate.center_base_id() == center_id_) {
    move.changed = candidate.center_changed();
  }
  MoveTo(candidate.center_id(), move, lock);
}

void CandidateCost::MoveTo(const std::string& id, Move move, Lock& lock) {
  center_id_.clear();
  for (const bool counts : {false, true}) {
    move.counts = counts;
    move_ = move;
    changed_.notify_all();
    TakeParts(lock);
    changed_.wait(lock, [this] { return move_->done == Assignment::kParts; });
  }
  assignment_.FinishMove();
  move_.reset();
  center_id_ = id;
  changed_.notify_all();
}

// Those of this round that are left.
void CandidateCost::TakeParts(Lock& lock) {
  while (move_->taken < Assignment::kParts) {
    const Move move = *move_;
    const uint32_t part = move_->taken++;
    lock.unlock();
    if (move.counts) {
      assignment_.CountPart(part);
    } else if (move.changed) {
      assignment_.FlipPart(move.to, *move.changed, part);
    } else {
      assignment_.FlipPart(move.to, part);
    }
    lock.lock();
    if (++move_->done == Assignment::kParts) changed_.notify_all();
  }
}

Cost CandidateCost::CostOf(const Candidate& candidate, std::vector<uint32_t>& flipped) const {
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
  return cost;
}

std::vector<EvaluationResult> CandidateCost::Evaluate(absl::Span<const Candidate> candidates) {
  std::vector<EvaluationResult> results;
  if (candidates.empty()) return results;
  results.reserve(candidates.size());
  StartCounting(candidates.front());
  std::vector<uint32_t> flipped;
  std::optional<Cost> lowest;
  size_t place = 0;
  for (size_t n = 0; n < candidates.size(); ++n) {
    const Cost cost = CostOf(candidates[n], flipped);
    results.emplace_back(LossOf(cost));
    if (lowest && cost >= *lowest) continue;
    lowest = cost;
    place = n;
  }
  StopCounting();
  const std::lock_guard<std::mutex> lock(best_mutex_);
  if (!best_ || *lowest < best_->cost) best_ = Best{*lowest, candidates[place]};
  return results;
}

std::optional<Cost> CandidateCost::best_cost() const {
  const std::lock_guard<std::mutex> lock(best_mutex_);
  return best_ ? std::optional<Cost>(best_->cost) : std::nullopt;
}

std::vector<uint8_t> CandidateCost::BestAssignment() const {
  std::vector<uint8_t> assignment;
  const std::lock_guard<std::mutex> lock(best_mutex_);
  if (!best_) return assignment;
  for (float value : best_->candidate.values()) assignment.push_back(value >= 0.5f ? 1 : 0);
  return assignment;
}

}  // namespace polystep::maxsat
