#include "tests/bench/maxsat/formula.h"

#include <algorithm>

#include "core/random/random_stream.h"

namespace polystep::bench {

Formula RandomFormula(uint32_t variables, double ratio, uint64_t seed) {
  RandomStream stream(seed, 0, 0, Draw::kInitial);
  Formula formula;
  formula.variables = variables;
  formula.clauses.resize(static_cast<size_t>(ratio * variables));
  for (Formula::Clause& clause : formula.clauses) {
    for (size_t n = 0; n < 3;) {
      const auto variable = static_cast<uint32_t>(stream.Uniform() * variables);
      const auto same = [variable](uint32_t literal) { return literal / 2 == variable; };
      if (std::any_of(clause.begin(), clause.begin() + n, same)) continue;
      clause[n++] = 2 * variable + (stream.NextU32() & 1);
    }
  }
  return formula;
}

Assignment::Assignment(const Formula& formula)
    : first_(formula.variables + 1, 0),
      occurrences_(3 * formula.clauses.size()),
      satisfied_(formula.clauses.size(), 0),
      values_(formula.variables, 0) {
  for (const Formula::Clause& clause : formula.clauses) {
    for (uint32_t literal : clause) ++first_[literal / 2 + 1];
  }
  for (size_t v = 0; v < values_.size(); ++v) first_[v + 1] += first_[v];
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  for (uint32_t c = 0; c < formula.clauses.size(); ++c) {
    for (uint32_t literal : formula.clauses[c]) {
      occurrences_[next[literal / 2]++] = 2 * c + (literal & 1);
      satisfied_[c] += (literal & 1) == 0 ? 1 : 0;
    }
    unsatisfied_ += satisfied_[c] == 0 ? 1 : 0;
  }
}

int32_t Assignment::Difference(uint32_t variable) const {
  int32_t difference = 0;
  for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
    const uint8_t satisfied = satisfied_[occurrences_[n] / 2];
    const bool holds = (occurrences_[n] & 1) == values_[variable];
    difference += holds ? satisfied == 1 : -(satisfied == 0);
  }
  return difference;
}

void Assignment::Flip(uint32_t variable) {
  for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
    uint8_t& satisfied = satisfied_[occurrences_[n] / 2];
    if ((occurrences_[n] & 1) == values_[variable]) {
      if (--satisfied == 0) ++unsatisfied_;
    } else {
      if (satisfied++ == 0) --unsatisfied_;
    }
  }
  values_[variable] ^= 1;
}

}  // namespace polystep::bench
