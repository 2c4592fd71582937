#include "core/transport/loss_row.h"

#include <algorithm>

#include "core/random/portable_inline.h"

namespace polystep {
namespace {

// The other half of a vertex's pair; itself without pairs.
size_t Partner(Holes holes, size_t vertex, size_t count) {
  if (holes == Holes::kAntipodes) return (vertex + count / 2) % count;
  return holes == Holes::kOpposites ? count - 1 - vertex : vertex;
}

bool ByVertex(const LossRow::Entry& a, const LossRow::Entry& b) { return a.vertex < b.vertex; }

}  // namespace

void LossRow::Gather(Holes holes, const LossMatrix& row) {
  entries_.clear();
  missing_.clear();
  const size_t count = row.losses.size();
  for (size_t v = 0; v < count; ++v) {
    if (row.outcomes[v] == Outcome::kMissing) {
      if (holes == Holes::kMean) missing_.push_back(v);
      continue;
    }
    if (row.outcomes[Partner(holes, v, count)] == Outcome::kMissing) continue;
    entries_.push_back({v, row.losses[v], MeritOf(v, row.losses, row.outcomes, row.violations)});
  }
}

bool LossRow::Holds() const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.merit == entries_[0].merit; });
}

void LossRow::AppendLosses(std::vector<double>& losses) const {
  for (const Entry& entry : entries_) {
    if (entry.feasible()) losses.push_back(entry.value);
  }
}

double LossRow::Scale(const WeightOptions& options, double divisor) {
  double inverse = 0.0;
  if (options.scale == LossScale::kRowRank) {
    Rank();
  } else {
    if (options.scale == LossScale::kRowDeviation) {
      inverse = Standardize();
    } else {
      Divide(divisor);
      inverse = 1.0 / divisor;
    }
    PlaceInfeasible();
  }
  FillMissing();
  return inverse;
}

void LossRow::Divide(double divisor) {
  for (Entry& entry : entries_) entry.value /= divisor;
}

// Of the row's losses above the least one: free of an offset before anything is rounded.
double LossRow::Standardize() {
  const auto [least, most] = Range();
  if (FeasibleCount() == 2 && most > least) {
    for (Entry& entry : entries_) entry.value = entry.value > least ? 2.0 : 0.0;
    const double half = 0.5 * most - 0.5 * least;
    return half > 0.0 ? 1.0 / half : 0.0;
  }
  double unit = 1.0;
  double variance = VarianceAbove(least, unit);
  if (most > least && !(variance >= kLeastVariance && variance <= kMostVariance)) {
    unit = variance < kLeastVariance ? 0x1p600 : 0x1p-600;
    variance = VarianceAbove(least, unit);
  }
  const bool spreads = most > least;
  const double scale = spreads ? portable::InverseRoot(variance) : 0.0;
  for (Entry& entry : entries_) entry.value = (unit * entry.value - unit * least) * scale;
  return scale * unit;
}

// What is not feasible above the largest loss, at even distances up to the spread of the losses.
void LossRow::PlaceInfeasible() {
  const auto [least, most] = Range();
  const double gap = most > least ? most - least : 1.0;
  std::vector<Merit> steps;
  for (const Entry& entry : entries_) {
    if (!entry.feasible()) steps.push_back(entry.merit);
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  for (Entry& entry : entries_) {
    if (entry.feasible()) continue;
    const auto place = std::lower_bound(steps.begin(), steps.end(), entry.merit) - steps.begin();
    entry.value = most + gap * (static_cast<double>(place + 1) / static_cast<double>(steps.size()));
  }
}

// Ranks over [0, 1], equal merits sharing the mean of theirs.
void LossRow::Rank() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.merit < b.merit; });
  const size_t count = entries_.size();
  size_t begin = 0;
  while (begin < count) {
    const Merit merit = entries_[begin].merit;
    size_t end = begin;
    while (end < count && entries_[end].merit == merit) ++end;
    const double mean_rank = 0.5 * static_cast<double>(begin + end - 1);
    for (; begin < end; ++begin) {
      entries_[begin].value = mean_rank / static_cast<double>(count - 1);
    }
  }
  std::sort(entries_.begin(), entries_.end(), ByVertex);
}

void LossRow::FillMissing() {
  if (missing_.empty()) return;
  double mean = 0.0;
  for (const Entry& entry : entries_) mean += entry.value / static_cast<double>(entries_.size());
  for (const size_t vertex : missing_) entries_.push_back({vertex, mean, Merit()});
  std::sort(entries_.begin(), entries_.end(), ByVertex);
}

// Least and largest feasible loss; zeros if there is none.
std::pair<double, double> LossRow::Range() const {
  bool any = false;
  double least = 0.0;
  double most = 0.0;
  for (const Entry& entry : entries_) {
    if (!entry.feasible()) continue;
    least = any ? std::min(least, entry.value) : entry.value;
    most = any ? std::max(most, entry.value) : entry.value;
    any = true;
  }
  return {least, most};
}

size_t LossRow::FeasibleCount() const {
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(),
                                           [](const Entry& entry) { return entry.feasible(); }));
}

double LossRow::VarianceAbove(double least, double unit) const {
  const double share = 1.0 / static_cast<double>(FeasibleCount());
  double sum = 0.0;
  for (const Entry& entry : entries_) {
    if (entry.feasible()) sum += unit * entry.value - unit * least;
  }
  const double mean = sum * share;
  double squares = 0.0;
  for (const Entry& entry : entries_) {
    if (!entry.feasible()) continue;
    const double apart = (unit * entry.value - unit * least) - mean;
    squares += apart * apart;
  }
  return squares * share;
}

}  // namespace polystep
