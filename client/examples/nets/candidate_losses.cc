#include "client/examples/nets/candidate_losses.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace polystep::nets {

using client::Candidate;
using client::Change;
using client::EvaluationResult;

bool CandidateLosses::InOneRow(const Candidate& candidate, RowCandidate& row) const {
  const absl::Span<const Change> changes = candidate.changes();
  const std::optional<RowPlace> place =
      evaluator_.RowOf(changes.empty() ? 0 : changes.front().coordinate);
  if (!place || (!changes.empty() && changes.back().coordinate >= place->start + place->columns)) {
    return false;
  }
  const auto begin = candidate.center().begin() + static_cast<std::ptrdiff_t>(place->start);
  row.start = place->start;
  row.weights.assign(begin, begin + static_cast<std::ptrdiff_t>(place->columns));
  for (const Change& change : changes) row.weights[change.coordinate - row.start] = change.value;
  return true;
}

std::shared_ptr<const Batch> CandidateLosses::BatchOf(const Candidate& candidate) {
  return batches_.Get({candidate.evaluation_seed, candidate.step}, [&] {
    return evaluator_.BatchOf(candidate.evaluation_seed, candidate.step);
  });
}

std::shared_ptr<const Pass> CandidateLosses::PassOf(const Candidate& candidate) {
  return passes_.Get({candidate.center_id(), candidate.evaluation_seed, candidate.step},
                     [&] { return evaluator_.Forward(candidate.center(), BatchOf(candidate)); });
}

double CandidateLosses::ScoreLoss(absl::Span<const float> values) {
  const Evaluator::Score score = evaluator_.ScoreOf(values, Split::kValidation);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!best_score_ || score.loss < best_score_->loss) best_score_ = score;
  return score.loss;
}

std::optional<Evaluator::Score> CandidateLosses::best_score() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return best_score_;
}

double CandidateLosses::FullLoss(const Candidate& candidate) {
  const absl::Span<const float> values = candidate.values();
  if (candidate.purpose == client::Purpose::kScore) return ScoreLoss(values);
  return evaluator_.Forward(values, BatchOf(candidate))->loss();
}

std::vector<EvaluationResult> CandidateLosses::Evaluate(absl::Span<const Candidate> candidates) {
  std::vector<double> losses(candidates.size());
  std::vector<RowCandidate> rows;
  for (size_t n = 0; n < candidates.size(); ++n) {
    const Candidate& candidate = candidates[n];
    RowCandidate row{n, 0, {}};
    if (candidate.has_center() && candidate.purpose == client::Purpose::kSearch &&
        InOneRow(candidate, row)) {
      rows.push_back(std::move(row));
    } else {
      losses[n] = FullLoss(candidate);
    }
  }
  // The candidates of a call share their center and their seed.
  if (!rows.empty()) {
    std::vector<RowChange> changes;
    changes.reserve(rows.size());
    for (const RowCandidate& row : rows) changes.push_back({row.start, row.weights});
    std::vector<double> of_rows(rows.size());
    evaluator_.Losses(*PassOf(candidates[rows.front().number]), changes, absl::MakeSpan(of_rows));
    for (size_t k = 0; k < rows.size(); ++k) losses[rows[k].number] = of_rows[k];
  }
  return {losses.begin(), losses.end()};
}

}  // namespace polystep::nets
