// Costs of candidates from what sets them apart from the center of their step.
//
// All workers of a process share one: its assignment follows the center, which changes once a step,
// while the candidates of a step are many and are counted in parallel. Threads that wait for the
// assignment to follow help it. Thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/cpp/evaluation.h"
#include "client/examples/maxsat/assignment.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

// What a hard clause adds to the loss, if nothing else is wished: 16 times the soft weight of a
// variable. More than a flip gains, so that few stay unsatisfied, and not so much that the search
// never crosses an assignment that leaves one: that is why the lowest loss may belong to one.
uint64_t DefaultHardWeight(const Formula& formula);

class CandidateCost {
 public:
  // The formula must outlive it.
  CandidateCost(const Formula& formula, uint64_t hard_weight)
      : hard_weight_(static_cast<double>(hard_weight)), assignment_(formula) {}

  // Losses of candidates that share one center, or of whole ones. A value of 0.5 or more is true.
  std::vector<client::EvaluationResult> Evaluate(absl::Span<const client::Candidate> candidates);

  double LossOf(const Cost& cost) const {
    return hard_weight_ * static_cast<double>(cost.hard) + static_cast<double>(cost.soft);
  }

  // The lowest cost so far; absent before the first candidate.
  std::optional<Cost> best_cost() const;
  // Its assignment, a byte a variable; empty before the first candidate.
  std::vector<uint8_t> BestAssignment() const;

 private:
  struct Best {
    Cost cost;
    client::Candidate candidate;
  };

  // A move of the assignment: parts that are taken by whoever is here, in two rounds.
  struct Move {
    absl::Span<const float> to;
    // What differs at most; absent: that is not known.
    std::optional<absl::Span<const client::CoordinateRun>> changed = std::nullopt;
    bool counts = false;  // the second round
    uint32_t taken = 0;   // parts of this round
    uint32_t done = 0;
  };

  using Lock = std::unique_lock<std::mutex>;
  // Begins to count candidates: with the assignment of `candidate`'s center, or near the candidate.
  void StartCounting(const client::Candidate& candidate);
  void StopCounting();
  // Makes the assignment that of the move. `id`: of the center that it is; empty: of none.
  void MoveTo(const std::string& id, Move move, Lock& lock);
  void MoveToCenter(const client::Candidate& candidate, Lock& lock);
  void TakeParts(Lock& lock);
  bool Differs(uint32_t variable, float value) const {
    return (value >= 0.5f) != assignment_.value(variable);
  }
  Cost CostOf(const client::Candidate& candidate, std::vector<uint32_t>& flipped) const;

  const double hard_weight_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  int counting_ = 0;          // threads: nobody moves then
  std::optional<Move> move_;  // nobody counts then
  std::string center_id_;     // of the center that assignment_ is; empty: of none

  Assignment assignment_;  // read by those that count, changed by those that move

  mutable std::mutex best_mutex_;  // guards what follows
  std::optional<Best> best_;
};

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CANDIDATE_COST_H_
