// An assignment, and what a formula costs under it, kept up to date.
//
// Asking what a flip would change touches the clauses of its variables and nothing else, which is
// what makes a candidate that differs in one bit from a known one cheap. Const methods may be
// called from several threads at once, unless one calls Flip.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
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

 private:
  int TrueLiterals(uint32_t clause) const;
  void AddWeight(uint32_t clause, int sign, Cost& cost) const;

  const Formula& formula_;
  std::vector<uint32_t> first_;        // of a variable's occurrences
  std::vector<uint32_t> occurrences_;  // 2 * clause + 1 if the clause wants the variable true
  std::vector<uint8_t> true_;          // literals of a clause that hold; kMany: that or more
  std::vector<uint8_t> values_;
  Cost cost_;
};

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_ASSIGNMENT_H_
