#include "core/transport/row_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/base/transpose.h"
#include "core/base/wide.h"
#include "core/transport/top_k.h"

namespace polystep {
namespace {

bool TakesLanes(const WeightOptions& options) {
  return options.scale == LossScale::kRowDeviation && options.solver == Solver::kSoftmax;
}

POLYSTEP_WIDE bool AllAreLosses(const Outcome* outcomes, size_t count) {
  uint8_t other = 0;
  for (size_t n = 0; n < count; ++n) {
    other |= static_cast<uint8_t>(outcomes[n]) ^ static_cast<uint8_t>(Outcome::kLoss);
  }
  return other == 0;
}

// Counts the rows that move, and adds their inverse divisors.
POLYSTEP_WIDE void CountLanes(const double* moves, const double* inverse, double* moving,
                              double* sum) {
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    moving[l] += moves[l];
    sum[l] += moves[l] > 0.0 ? inverse[l] : 0.0;
  }
}

}  // namespace

bool RowWeights::CanTakeParts(const WeightOptions& options) {
  const bool row_scale =
      options.scale == LossScale::kRowDeviation || options.scale == LossScale::kRowRank;
  return row_scale && (options.solver == Solver::kSoftmax || options.solver == Solver::kTopK);
}

RowWeights::RowWeights(const WeightOptions& options, double divisor)
    : options_(options), divisor_(divisor) {}

void RowWeights::Solve(const LossMatrix& matrix, absl::Span<double> weights) {
  const size_t width = matrix.vertices;
  size_t row = 0;
  while (row < matrix.rows) {
    const size_t end = std::min<size_t>(matrix.rows, row + kSoftmaxRows);
    if (end - row == kSoftmaxRows) {
      const size_t size = kSoftmaxRows * width;
      const double* const lanes = SolveLanes(width, matrix.losses.subspan(row * width, size),
                                             matrix.outcomes.subspan(row * width, size));
      double* const out = weights.data() + row * width;
      for (size_t l = 0; lanes != nullptr && l < kSoftmaxRows; ++l) {
        for (size_t v = 0; v < width; ++v) out[l * width + v] = lanes[v * kSoftmaxRows + l];
      }
      if (lanes != nullptr) row = end;
    }
    for (; row < end; ++row) SolveRow(matrix.Row(row), weights.subspan(row * width, width));
  }
}

const double* RowWeights::SolveLanes(size_t width, absl::Span<const double> losses,
                                     absl::Span<const Outcome> outcomes) {
  if (!TakesLanes(options_) || !AllAreLosses(outcomes.data(), outcomes.size())) return nullptr;
  lanes_.resize(width * kSoftmaxRows);
  RowsToLanes(width, losses.data(), lanes_.data());
  double inverse[kSoftmaxRows];
  double moves[kSoftmaxRows];
  if (!SoftmaxLanes(width, options_.epsilon, lanes_.data(), inverse, moves)) return nullptr;
  CountLanes(moves, inverse, moving_lanes_.data(), inverse_lanes_.data());
  return lanes_.data();
}

void RowWeights::SolveRow(const LossMatrix& row, absl::Span<double> weights) {
  std::fill(weights.begin(), weights.end(), 0.0);
  row_.Gather(options_.holes, row);
  if (row_.Holds()) return;
  moving_ += 1.0;
  inverse_ += row_.Scale(options_, divisor_);
  scaled_.clear();
  for (const LossRow::Entry& entry : row_.entries()) scaled_.push_back(entry.value);
  if (options_.solver == Solver::kTopK) {
    RowTopK(std::vector<double>(scaled_), options_.top_k, absl::MakeSpan(scaled_));
  } else {
    RowSoftmax(scaled_, options_.epsilon, absl::MakeSpan(scaled_));
  }
  for (size_t n = 0; n < scaled_.size(); ++n) weights[row_.entries()[n].vertex] = scaled_[n];
}

WeightSummary RowWeights::Summary() const {
  double moving = moving_;
  double inverse = inverse_;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    moving += moving_lanes_[l];
    inverse += inverse_lanes_[l];
  }
  return {moving > 0.0 && std::isfinite(inverse) ? inverse / moving : 0.0};
}

}  // namespace polystep
