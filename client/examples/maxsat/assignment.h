// An assignment, and what a formula costs under it, kept up to date.
//
// Asking what a flip would change touches the clauses of its variables and nothing else, which is
// what makes a candidate that differs in one bit from a known one cheap. Const methods may be
// called from several threads at once, unless one calls another.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "client/cpp/tensor_list.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

class Assignment {
 public:
  // All false. The formula must outlive it.
  explicit Assignment(const Formula& formula);

  const Cost& cost() const { return cost_; }
  bool value(uint32_t variable) const { return values_[variable] != 0; }
  absl::Span<const uint8_t> values() const { return values_; }

  // cost() with `variable` flipped, less what it is now.
  Cost Difference(uint32_t variable) const;
  // The same for several flips together; each variable once.
  Cost Difference(absl::Span<const uint32_t> variables) const;

  void Flip(uint32_t variable);

  // Moves to other values, of which 0.5 or more is true: FlipPart for each of kParts parts, then
  // CountPart for each, then FinishMove. Different parts may be called from several threads at
  // once. Between the first and the last of these calls nothing else may be.
  static constexpr uint32_t kParts = 16;
  void FlipPart(absl::Span<const float> to, uint32_t part);
  // The same where the values are those of now outside of these runs, which ascend.
  void FlipPart(absl::Span<const float> to, absl::Span<const client::CoordinateRun> changed,
                uint32_t part);
  void CountPart(uint32_t part);
  void FinishMove();

 private:
  // Clauses of each part of a move whose true literals change: 2 * clause + 1 if there is one more.
  using PartChanges = std::array<std::vector<uint32_t>, kParts>;

  class FlipBatch;

  size_t FirstOf(uint32_t part) const { return values_.size() * part / kParts; }
  void FlipValue(uint32_t variable, PartChanges& changes);
  int TrueLiterals(uint32_t clause) const;
  void AddWeight(uint32_t clause, int sign, Cost& cost) const;

  const Formula& formula_;
  std::vector<uint32_t> first_;        // of a variable's occurrences
  std::vector<uint32_t> occurrences_;  // 2 * clause + 1 if the clause wants the variable true
  std::vector<uint8_t> true_;          // literals of a clause that hold; kMany: that or more
  std::vector<uint8_t> values_;
  Cost cost_;

  int part_shift_ = 0;                            // clause >> part_shift_ is its part
  std::array<PartChanges, kParts> move_changes_;  // by part of the variables, then of the clauses
  std::array<Cost, kParts> move_costs_;           // by part of the clauses
};

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_
