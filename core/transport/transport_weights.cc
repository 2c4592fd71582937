#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/transport/merit.h"
#include "core/transport/softmax.h"

namespace polystep {
namespace {

// One usable entry of a row.
struct Entry {
  size_t vertex;
  double value;  // the loss at first, scaled in place
  Merit merit;
  bool feasible() const { return merit.feasible(); }
};

// Answers, row-major.
struct Matrix {
  absl::Span<const double> losses;
  absl::Span<const Outcome> outcomes;
  absl::Span<const double> violations;

  Matrix RowAt(size_t first, size_t width) const {
    return {losses.subspan(first, width), outcomes.subspan(first, width),
            violations.empty() ? violations : violations.subspan(first, width)};
  }
};

// A row without what is masked. Entries that are not feasible have no value until they are placed.
class Row {
 public:
  void Gather(bool antipodal, const Matrix& row) {
    entries_.clear();
    const size_t count = row.losses.size();
    for (size_t v = 0; v < count; ++v) {
      if (row.outcomes[v] == Outcome::kMissing) continue;
      if (antipodal && row.outcomes[(v + count / 2) % count] == Outcome::kMissing) continue;
      entries_.push_back({v, row.losses[v], MeritOf(v, row.losses, row.outcomes, row.violations)});
    }
  }

  // Nothing to choose between.
  bool Holds() const {
    return std::all_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.merit == entries_[0].merit; });
  }

  void AppendLosses(std::vector<double>& losses) const {
    for (const Entry& entry : entries_) {
      if (entry.feasible()) losses.push_back(entry.value);
    }
  }

  void Divide(double divisor) {
    for (Entry& entry : entries_) entry.value /= divisor;
  }

  void Standardize() {
    const auto [least, most] = Range();
    // Halves, because the distance of two finite losses can overflow. The result lies in [0, 1],
    // so that the squares below cannot, and is free of the losses' unit.
    const double spread = 0.5 * most - 0.5 * least;
    for (Entry& entry : entries_) {
      entry.value = spread > 0.0 ? (0.5 * entry.value - 0.5 * least) / spread : 0.0;
    }
    const double deviation = Deviation();
    if (deviation > 0.0) Divide(deviation);
  }

  // What is not feasible above the largest loss, at even distances up to the spread of the losses.
  void PlaceInfeasible() {
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
      entry.value =
          most + gap * (static_cast<double>(place + 1) / static_cast<double>(steps.size()));
    }
  }

  // Ranks over [0, 1], equal merits sharing the mean of theirs.
  void Rank() {
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
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.vertex < b.vertex; });
  }

  void Softmax(double epsilon, absl::Span<double> weights) {
    scaled_.clear();
    for (const Entry& entry : entries_) scaled_.push_back(entry.value);
    RowSoftmax(scaled_, epsilon, absl::MakeSpan(scaled_));
    for (size_t i = 0; i < entries_.size(); ++i) weights[entries_[i].vertex] = scaled_[i];
  }

 private:
  // Least and largest feasible loss; zeros if there is none.
  std::pair<double, double> Range() const {
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

  double Deviation() const {
    double count = 0.0;
    double sum = 0.0;
    for (const Entry& entry : entries_) {
      if (!entry.feasible()) continue;
      count += 1.0;
      sum += entry.value;
    }
    const double mean = sum / count;
    double squares = 0.0;
    for (const Entry& entry : entries_) {
      if (entry.feasible()) squares += (entry.value - mean) * (entry.value - mean);
    }
    return std::sqrt(squares / count);
  }

  std::vector<Entry> entries_;
  std::vector<double> scaled_;
};

bool IsMatrixScale(LossScale scale) {
  return scale != LossScale::kRowDeviation && scale != LossScale::kRowRank;
}

void RowWeights(const WeightOptions& options, double divisor, Row& row,
                absl::Span<double> weights) {
  if (options.scale == LossScale::kRowRank) {
    row.Rank();
  } else {
    if (options.scale == LossScale::kRowDeviation) {
      row.Standardize();
    } else {
      row.Divide(divisor);
    }
    row.PlaceInfeasible();
  }
  row.Softmax(options.epsilon, weights);
}

}  // namespace

void TransportWeights(const WeightOptions& options, int rows, int vertices,
                      absl::Span<const double> losses, absl::Span<const Outcome> outcomes,
                      absl::Span<double> weights, absl::Span<const double> violations) {
  const size_t width = static_cast<size_t>(vertices);
  const size_t total = static_cast<size_t>(rows) * width;
  const Matrix matrix{losses, outcomes, violations};
  Row row;
  double divisor = 1.0;
  if (IsMatrixScale(options.scale)) {
    std::vector<double> usable;
    for (size_t first = 0; first < total; first += width) {
      row.Gather(options.antipodal, matrix.RowAt(first, width));
      row.AppendLosses(usable);
    }
    divisor = MatrixDivisor(options.scale, options.constant, usable);
  }
  for (size_t first = 0; first < total; first += width) {
    const absl::Span<double> row_weights = weights.subspan(first, width);
    std::fill(row_weights.begin(), row_weights.end(), 0.0);
    row.Gather(options.antipodal, matrix.RowAt(first, width));
    if (!row.Holds()) RowWeights(options, divisor, row, row_weights);
  }
}

}  // namespace polystep
