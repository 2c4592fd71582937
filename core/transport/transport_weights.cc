#include "core/transport/transport_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "core/base/wide.h"
#include "core/transport/loss_row.h"
#include "core/transport/softmax_lanes.h"
#include "core/transport/top_k.h"

namespace polystep {
namespace {

bool IsMatrixScale(LossScale scale) {
  return scale != LossScale::kRowDeviation && scale != LossScale::kRowRank;
}

bool IsCoupled(Solver solver) {
  return solver == Solver::kSinkhorn || solver == Solver::kKlSoftmax;
}

double MatrixDivisorOf(const WeightOptions& options, const LossMatrix& matrix, LossRow& row) {
  if (!IsMatrixScale(options.scale)) return 1.0;
  std::vector<double> usable;
  for (size_t r = 0; r < matrix.rows; ++r) {
    row.Gather(options.holes, matrix.Row(r));
    row.AppendLosses(usable);
  }
  return MatrixDivisor(options.scale, options.constant, usable);
}

void SolveRow(const WeightOptions& options, const LossRow& row, std::vector<double>& scaled,
              absl::Span<double> weights) {
  scaled.clear();
  for (const LossRow::Entry& entry : row.entries()) scaled.push_back(entry.value);
  if (options.solver == Solver::kTopK) {
    RowTopK(std::vector<double>(scaled), options.top_k, absl::MakeSpan(scaled));
  } else {
    RowSoftmax(scaled, options.epsilon, absl::MakeSpan(scaled));
  }
  for (size_t n = 0; n < scaled.size(); ++n) weights[row.entries()[n].vertex] = scaled[n];
}

// Equal mass on the rows that have a cost, and on all vertices. Rows are scaled to sum 1: those of
// an unfinished solution, or of a softened one, do not have their mass.
void SolveTogether(const WeightOptions& options, const LossMatrix& matrix,
                   absl::Span<const double> costs, Duals& duals, absl::Span<double> weights) {
  const size_t width = matrix.vertices;
  std::vector<double> rows(matrix.rows, 0.0);
  double moving = 0.0;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const double cost : costs.subspan(i * width, width)) {
      if (std::isfinite(cost)) rows[i] = 1.0;
    }
    moving += rows[i];
  }
  if (moving == 0.0) return;
  for (double& mass : rows) mass /= moving;
  const std::vector<double> columns(width, 1.0 / static_cast<double>(width));
  SinkhornOptions solver;
  solver.epsilon = options.epsilon;
  if (options.solver == Solver::kKlSoftmax) {
    solver.alpha = KlAlpha(options.kl_penalty, options.epsilon);
  }
  Sinkhorn({costs, rows, columns}, solver, duals, weights);
  for (size_t first = 0; first < weights.size(); first += width) {
    double sum = 0.0;
    for (const double mass : weights.subspan(first, width)) sum += mass;
    for (double& mass : weights.subspan(first, width)) mass = sum > 0.0 ? mass / sum : 0.0;
  }
}

// What the rows that move add up to.
struct Sums {
  double moving = 0.0;
  double inverse = 0.0;  // of divisors
};

// Lanes know nothing but losses, and the default scale and solver.
bool TakesLanes(const WeightOptions& options) {
  return options.scale == LossScale::kRowDeviation && options.solver == Solver::kSoftmax;
}

// Weights of the kLanes rows from `first` on, as the rows alone give them.
class LaneRows {
 public:
  explicit LaneRows(size_t width) : rows_(width * kLanes) {}

  // False if not all of them have losses; nothing is done then.
  bool Solve(double epsilon, const LossMatrix& matrix, size_t first, absl::Span<double> weights,
             Sums& sums) {
    const size_t width = matrix.vertices;
    const absl::Span<const Outcome> outcomes = matrix.outcomes.subspan(first * width, rows_.size());
    uint8_t other = 0;
    for (const Outcome outcome : outcomes) other |= outcome == Outcome::kLoss ? 0 : 1;
    if (other != 0) return false;
    const double* const losses = matrix.losses.data() + first * width;
    for (size_t l = 0; l < kLanes; ++l) {
      for (size_t v = 0; v < width; ++v) rows_[v * kLanes + l] = losses[l * width + v];
    }
    double inverse[kLanes];
    double moves[kLanes];
    SoftmaxLanes(width, epsilon, rows_.data(), inverse, moves);
    for (size_t l = 0; l < kLanes; ++l) {
      for (size_t v = 0; v < width; ++v) {
        weights[(first + l) * width + v] = rows_[v * kLanes + l];
      }
      sums.moving += moves[l];
      if (moves[l] > 0.0) sums.inverse += inverse[l];
    }
    return true;
  }

 private:
  std::vector<double> rows_;
};

}  // namespace

LossMatrix LossMatrix::Row(size_t row) const {
  const size_t first = row * vertices;
  return {1, vertices, losses.subspan(first, vertices), outcomes.subspan(first, vertices),
          violations.empty() ? violations : violations.subspan(first, vertices)};
}

WeightSummary TransportWeights(const WeightOptions& options, const LossMatrix& matrix, Duals* duals,
                               absl::Span<double> weights) {
  const size_t width = matrix.vertices;
  LossRow row;
  const double divisor = MatrixDivisorOf(options, matrix, row);
  const bool coupled = IsCoupled(options.solver);
  std::vector<double> costs;
  if (coupled) costs.assign(matrix.losses.size(), std::numeric_limits<double>::infinity());
  std::vector<double> scaled;
  LaneRows lanes(TakesLanes(options) ? width : 0);
  Sums sums;
  size_t r = 0;
  while (r < matrix.rows) {
    if (TakesLanes(options) && r + kLanes <= matrix.rows &&
        lanes.Solve(options.epsilon, matrix, r, weights, sums)) {
      r += kLanes;
      continue;
    }
    // Those of a tile that did not go together.
    const size_t end = std::min<size_t>(matrix.rows, r + kLanes);
    for (; r < end; ++r) {
      const absl::Span<double> out = weights.subspan(r * width, width);
      std::fill(out.begin(), out.end(), 0.0);
      row.Gather(options.holes, matrix.Row(r));
      if (row.Holds()) continue;
      sums.moving += 1.0;
      sums.inverse += row.Scale(options, divisor);
      if (!coupled) SolveRow(options, row, scaled, out);
      for (const LossRow::Entry& entry : row.entries()) {
        if (coupled) costs[r * width + entry.vertex] = entry.value;
      }
    }
  }
  if (coupled) SolveTogether(options, matrix, costs, *duals, weights);
  const bool finite = sums.moving > 0.0 && std::isfinite(sums.inverse);
  return {finite ? sums.inverse / sums.moving : 0.0};
}

}  // namespace polystep
