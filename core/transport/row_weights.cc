#include "core/transport/row_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/base/wide.h"
#include "core/transport/softmax_lanes.h"
#include "core/transport/top_k.h"

namespace polystep {
namespace {

bool TakesLanes(const WeightOptions& options) {
  return options.scale == LossScale::kRowDeviation && options.solver == Solver::kSoftmax;
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
    if (end - row == kSoftmaxRows && TakesLanes(options_) && SolveLanes(matrix, row, weights))
      row = end;
    for (; row < end; ++row) SolveRow(matrix.Row(row), weights.subspan(row * width, width));
  }
}

bool RowWeights::SolveLanes(const LossMatrix& matrix, size_t first, absl::Span<double> weights) {
  const size_t width = matrix.vertices;
  uint8_t other = 0;
  for (const Outcome outcome : matrix.outcomes.subspan(first * width, kSoftmaxRows * width)) {
    other |= static_cast<uint8_t>(outcome) ^ static_cast<uint8_t>(Outcome::kLoss);
  }
  if (other != 0) return false;
  lanes_.resize(width * kSoftmaxRows);
  const double* const losses = matrix.losses.data() + first * width;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    for (size_t v = 0; v < width; ++v) lanes_[v * kSoftmaxRows + l] = losses[l * width + v];
  }
  double inverse[kSoftmaxRows];
  double moves[kSoftmaxRows];
  SoftmaxLanes(width, options_.epsilon, lanes_.data(), inverse, moves);
  double* const out = weights.data() + first * width;
  for (size_t l = 0; l < kSoftmaxRows; ++l) {
    for (size_t v = 0; v < width; ++v) out[l * width + v] = lanes_[v * kSoftmaxRows + l];
    moving_ += moves[l];
    if (moves[l] > 0.0) inverse_ += inverse[l];
  }
  return true;
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
  return {moving_ > 0.0 && std::isfinite(inverse_) ? inverse_ / moving_ : 0.0};
}

}  // namespace polystep
