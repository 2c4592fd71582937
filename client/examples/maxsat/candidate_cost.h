// Costs of candidates from what sets them apart from the center of their step.
//
// All workers of a process share one: its assignment follows the center, which changes once a step,
// while the candidates of a step are many and are counted in parallel. Thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_

#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/cpp/evaluation.h"
#include "client/examples/maxsat/assignment.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

// Hard clauses weigh more than all soft ones together, so that the lowest loss is the best
// assignment. Exact below 2^53.
double LossOf(const Formula& formula, const Cost& cost);
// Undoes LossOf.
Cost CostOfLoss(const Formula& formula, double loss);

class CandidateCost {
 public:
  // The formula must outlive it.
  explicit CandidateCost(const Formula& formula) : formula_(formula), assignment_(formula) {}

  // Losses of candidates that share one center, or of whole ones. A value of 0.5 or more is true.
  std::vector<client::EvaluationResult> Evaluate(absl::Span<const client::Candidate> candidates);

 private:
  // Makes the assignment that of `values`. `id`: of the center that they are; empty: of none.
  void MoveTo(const std::string& id, absl::Span<const float> values);
  bool Differs(uint32_t variable, float value) const {
    return (value >= 0.5f) != assignment_.value(variable);
  }
  double Loss(const client::Candidate& candidate, std::vector<uint32_t>& flipped) const;

  const Formula& formula_;
  std::shared_mutex mutex_;  // guards what follows; held shared while candidates are counted
  Assignment assignment_;
  std::string center_id_;  // of the center that assignment_ is; empty: of none
};

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_
