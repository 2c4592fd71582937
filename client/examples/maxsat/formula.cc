#include "client/examples/maxsat/formula.h"

#include <algorithm>
#include <limits>

namespace polystep::maxsat {
namespace {

void AddUnsatisfied(uint64_t weight, Cost& cost) {
  if (weight == Formula::kHard) {
    ++cost.hard;
  } else {
    cost.soft += static_cast<int64_t>(weight);
  }
}

}  // namespace

void Formula::Reserve(size_t clauses, size_t literals) {
  first_.reserve(clauses + 1);
  literals_.reserve(literals);
  if (weighted_) weights_.reserve(clauses);
}

bool Formula::Add(std::vector<Literal>& literals, uint64_t weight) {
  if (weight > kMaxWeight - soft_weight_) return false;
  if (literals.size() > std::numeric_limits<uint32_t>::max() - literals_.size()) return false;
  std::sort(literals.begin(), literals.end());
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  const auto opposite = [](Literal a, Literal b) { return a / 2 == b / 2; };
  const bool always =
      std::adjacent_find(literals.begin(), literals.end(), opposite) != literals.end();
  soft_weight_ += weight;
  if (always) {
    ++tautologies_;
    return true;
  }
  if (weight == kHard) ++hard_;
  if (literals.empty()) AddUnsatisfied(weight, unavoidable_);
  literals_.insert(literals_.end(), literals.begin(), literals.end());
  first_.push_back(static_cast<uint32_t>(literals_.size()));
  if (weighted_) weights_.push_back(weight);
  return true;
}

Cost Formula::CostOf(absl::Span<const uint8_t> values) const {
  Cost cost;
  for (size_t c = 0; c < clauses(); ++c) {
    const absl::Span<const Literal> literals = clause(c);
    const bool holds = std::any_of(literals.begin(), literals.end(), [&](Literal literal) {
      return (values[literal / 2] != 0) == ((literal & 1) != 0);
    });
    if (!holds) AddUnsatisfied(weight(c), cost);
  }
  return cost;
}

}  // namespace polystep::maxsat
