#include "client/examples/maxsat/assignment.h"

#include <algorithm>
#include <utility>

namespace polystep::maxsat {
namespace {

// The largest count a byte keeps; a clause that has had so many is counted anew when one goes.
constexpr int kMany = 255;

constexpr size_t kScan = 4096;  // variables flipped together, at most

}  // namespace

// Variables that are flipped together: their occurrences are far from each other, and on one or two
// lines of the cache.
class Assignment::FlipBatch {
 public:
  FlipBatch(Assignment& assignment, PartChanges& changes)
      : assignment_(assignment), changes_(changes) {}

  // Variables that may still be added before a Flip.
  size_t room() const { return kScan - count_; }
  void AddIfMoved(size_t variable, float to) {
    flipped_[count_] = static_cast<uint32_t>(variable);
    count_ +=
        static_cast<size_t>(static_cast<uint8_t>(to >= 0.5F) != assignment_.values_[variable]);
  }
  void Flip() {
    const uint32_t* occurrences = assignment_.occurrences_.data();
    for (size_t n = 0; n < count_; ++n) {
      __builtin_prefetch(occurrences + assignment_.first_[flipped_[n]]);
      __builtin_prefetch(occurrences + assignment_.first_[flipped_[n] + 1]);
    }
    for (size_t n = 0; n < count_; ++n) assignment_.FlipValue(flipped_[n], changes_);
    count_ = 0;
  }

 private:
  Assignment& assignment_;
  PartChanges& changes_;
  std::array<uint32_t, kScan> flipped_;
  size_t count_ = 0;
};

Assignment::Assignment(const Formula& formula)
    : formula_(formula),
      first_(size_t{formula.variables()} + 1, 0),
      true_(formula.clauses(), 0),
      values_(formula.variables(), 0) {
  const auto clauses = static_cast<uint32_t>(formula.clauses());
  for (uint32_t c = 0; c < clauses; ++c) {
    for (Literal literal : formula.clause(c)) ++first_[literal / 2 + 1];
  }
  for (size_t v = 0; v < values_.size(); ++v) first_[v + 1] += first_[v];
  occurrences_.resize(first_.back());
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  for (uint32_t c = 0; c < clauses; ++c) {
    for (Literal literal : formula.clause(c)) {
      occurrences_[next[literal / 2]++] = 2 * c + (literal & 1);
    }
    const int holds = TrueLiterals(c);
    true_[c] = static_cast<uint8_t>(std::min(holds, kMany));
    if (holds == 0) AddWeight(c, 1, cost_);
  }
  while (clauses >> part_shift_ >= kParts) ++part_shift_;
}

// Counted from the values.
int Assignment::TrueLiterals(uint32_t clause) const {
  const absl::Span<const Literal> literals = formula_.clause(clause);
  return static_cast<int>(std::count_if(literals.begin(), literals.end(), [this](Literal literal) {
    return (literal & 1) == values_[literal / 2];
  }));
}

void Assignment::AddWeight(uint32_t clause, int sign, Cost& cost) const {
  const uint64_t weight = formula_.weight(clause);
  if (weight == Formula::kHard) {
    cost.hard += sign;
  } else {
    cost.soft += sign * static_cast<int64_t>(weight);
  }
}

Cost Assignment::Difference(uint32_t variable) const {
  Cost difference;
  const bool weighted = formula_.weighted();
  for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
    const uint32_t clause = occurrences_[n] / 2;
    const bool holds = (occurrences_[n] & 1) == values_[variable];
    const int sign = holds ? true_[clause] == 1 : -static_cast<int>(true_[clause] == 0);
    if (!weighted) {
      difference.soft += sign;
    } else if (sign != 0) {
      AddWeight(clause, sign, difference);
    }
  }
  return difference;
}

Cost Assignment::Difference(absl::Span<const uint32_t> variables) const {
  if (variables.size() == 1) return Difference(variables[0]);
  std::vector<std::pair<uint32_t, int>> changes;  // clause, change of its true literals
  for (uint32_t variable : variables) {
    for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
      const bool holds = (occurrences_[n] & 1) == values_[variable];
      changes.emplace_back(occurrences_[n] / 2, holds ? -1 : 1);
    }
  }
  std::sort(changes.begin(), changes.end());
  Cost difference;
  for (auto change = changes.begin(); change != changes.end();) {
    const uint32_t clause = change->first;
    const int before = true_[clause] == kMany ? TrueLiterals(clause) : true_[clause];
    int after = before;
    for (; change != changes.end() && change->first == clause; ++change) after += change->second;
    if (before == 0 && after > 0) AddWeight(clause, -1, difference);
    if (before > 0 && after == 0) AddWeight(clause, 1, difference);
  }
  return difference;
}

void Assignment::Flip(uint32_t variable) {
  values_[variable] ^= 1;
  for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
    const uint32_t clause = occurrences_[n] / 2;
    uint8_t& count = true_[clause];
    if ((occurrences_[n] & 1) == values_[variable]) {
      if (count == 0) AddWeight(clause, -1, cost_);
      if (count < kMany) ++count;
    } else {
      if (count == kMany) {
        count = static_cast<uint8_t>(std::min(TrueLiterals(clause), kMany));
      } else if (--count == 0) {
        AddWeight(clause, 1, cost_);
      }
    }
  }
}

// The counts of all clauses together lie in more memory than is near; those of a part do not.
void Assignment::FlipPart(absl::Span<const float> to,
                          absl::Span<const client::CoordinateRun> changed, uint32_t part) {
  PartChanges& changes = move_changes_[part];
  for (std::vector<uint32_t>& of_part : changes) of_part.clear();
  const size_t begin = FirstOf(part), end = FirstOf(part + 1);
  const auto ends_before = [](const client::CoordinateRun& run, size_t v) {
    return size_t{run.first} + run.size <= v;
  };
  FlipBatch batch(*this, changes);
  auto run = std::lower_bound(changed.begin(), changed.end(), begin, ends_before);
  for (; run != changed.end() && run->first < end; ++run) {
    const size_t last = std::min(end, size_t{run->first} + run->size);
    for (size_t v = std::max<size_t>(begin, run->first); v < last;) {
      const size_t stop = std::min(last, v + batch.room());
      for (; v < stop; ++v) batch.AddIfMoved(v, to[v]);
      if (batch.room() == 0) batch.Flip();
    }
  }
  batch.Flip();
}

void Assignment::FlipPart(absl::Span<const float> to, uint32_t part) {
  const client::CoordinateRun all = {0, formula_.variables()};
  FlipPart(to, {&all, 1}, part);
}

void Assignment::FlipValue(uint32_t variable, PartChanges& changes) {
  const uint8_t value = values_[variable] ^= 1;
  for (uint32_t n = first_[variable]; n < first_[variable + 1]; ++n) {
    const uint32_t clause = occurrences_[n] / 2;
    const auto more = static_cast<uint32_t>((occurrences_[n] & 1) == value);
    changes[clause >> part_shift_].push_back(2 * clause + more);
  }
}

void Assignment::CountPart(uint32_t part) {
  Cost cost;
  std::vector<uint32_t> full;  // clauses whose count a byte does not keep: counted anew
  for (const PartChanges& changes : move_changes_) {
    for (uint32_t change : changes[part]) {
      uint8_t& count = true_[change / 2];
      if (count == kMany) {
        full.push_back(change / 2);
      } else if (change % 2 == 1) {
        if (count++ == 0) AddWeight(change / 2, -1, cost);
      } else if (--count == 0) {
        AddWeight(change / 2, 1, cost);
      }
    }
  }
  for (uint32_t clause : full) {
    if (true_[clause] != kMany) continue;
    true_[clause] = static_cast<uint8_t>(std::min(TrueLiterals(clause), kMany));
    if (true_[clause] == 0) AddWeight(clause, 1, cost);
  }
  move_costs_[part] = cost;
}

void Assignment::FinishMove() {
  for (const Cost& cost : move_costs_) {
    cost_.hard += cost.hard;
    cost_.soft += cost.soft;
  }
}

}  // namespace polystep::maxsat
