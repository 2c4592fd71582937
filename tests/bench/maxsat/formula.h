// Random 3-SAT and the number of clauses an assignment leaves unsatisfied, kept up to date.
//
// Asking what a flip would change touches the clauses of one variable and nothing else, which is
// what makes an evaluation of a candidate that differs in one bit cheap. Not thread-safe.
#ifndef POLYSTEP_TESTS_BENCH_MAXSAT_FORMULA_H_
#define POLYSTEP_TESTS_BENCH_MAXSAT_FORMULA_H_

#include <array>
#include <cstdint>
#include <vector>

namespace polystep::bench {

struct Formula {
  // A literal is 2 * variable + 1 if it wants the variable true, 2 * variable if false.
  using Clause = std::array<uint32_t, 3>;

  uint32_t variables = 0;
  std::vector<Clause> clauses;
};

// `ratio` clauses a variable (rounded down), of three different variables each; >= 3 variables.
Formula RandomFormula(uint32_t variables, double ratio, uint64_t seed);

class Assignment {
 public:
  // All false.
  explicit Assignment(const Formula& formula);

  uint32_t unsatisfied() const { return unsatisfied_; }
  bool value(uint32_t variable) const { return values_[variable] != 0; }

  // unsatisfied() with `variable` flipped, less what it is now.
  int32_t Difference(uint32_t variable) const;

  void Flip(uint32_t variable);

 private:
  std::vector<uint32_t> first_;        // of a variable's occurrences
  std::vector<uint32_t> occurrences_;  // 2 * clause + 1 if the clause wants the variable true
  std::vector<uint8_t> satisfied_;     // true literals of a clause
  std::vector<uint8_t> values_;
  uint32_t unsatisfied_ = 0;
};

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_MAXSAT_FORMULA_H_
