// A MaxSAT formula: clauses over Boolean variables, soft ones with a weight and hard ones.
//
// A plain value; immutable once built, then shared by threads.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_FORMULA_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_FORMULA_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace polystep::maxsat {

// 2 * variable + 1 wants the variable true, 2 * variable wants it false; variables count from 0.
using Literal = uint32_t;

// What an assignment leaves unsatisfied; the lower the better, hard clauses first.
struct Cost {
  int64_t hard = 0;  // clauses
  int64_t soft = 0;  // sum of weights

  // NOLINTNEXTLINE(modernize-use-nullptr): of the three-way comparison, misread
  friend auto operator<=>(const Cost&, const Cost&) = default;
};

class Formula {
 public:
  static constexpr uint64_t kHard = 0;
  static constexpr uint32_t kMaxVariables = (uint32_t{1} << 31) - 1;
  // Of all soft weights together: sums are exact as doubles.
  static constexpr uint64_t kMaxWeight = uint64_t{1} << 53;

  // Unweighted: every clause is soft and weighs 1.
  explicit Formula(bool weighted) : weighted_(weighted) {}

  // A repeated literal counts once; a clause that always holds is counted and left out; an empty
  // clause never holds. `literals` is used up. False, and nothing is added, if there are more than
  // kMaxWeight or 2^32 - 1 literals.
  bool Add(std::vector<Literal>& literals, uint64_t weight);
  // At least as many as clauses name.
  void SetVariables(uint32_t variables) { variables_ = variables; }
  void Reserve(size_t clauses, size_t literals);

  uint32_t variables() const { return variables_; }
  size_t clauses() const { return first_.size() - 1; }  // those that do not always hold
  size_t tautologies() const { return tautologies_; }
  bool weighted() const { return weighted_; }
  uint64_t soft_weight() const { return soft_weight_; }  // of all soft clauses, tautologies too
  bool has_hard() const { return hard_ > 0; }

  absl::Span<const Literal> clause(size_t c) const {
    return absl::MakeSpan(literals_).subspan(first_[c], first_[c + 1] - first_[c]);
  }
  uint64_t weight(size_t c) const { return weighted_ ? weights_[c] : 1; }  // kHard: hard

  // What no assignment can avoid as far as empty clauses tell.
  const Cost& unavoidable() const { return unavoidable_; }

  // Counted clause by clause; values[v] != 0 is true.
  Cost CostOf(absl::Span<const uint8_t> values) const;

 private:
  bool weighted_;
  uint32_t variables_ = 0;
  std::vector<Literal> literals_;
  std::vector<uint32_t> first_ = {0};  // of a clause's literals
  std::vector<uint64_t> weights_;      // by clause, if weighted
  size_t tautologies_ = 0;
  size_t hard_ = 0;
  uint64_t soft_weight_ = 0;
  Cost unavoidable_;
};

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_FORMULA_H_
