#include "core/transport/transport_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "core/transport/loss_row.h"
#include "core/transport/row_weights.h"

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

}  // namespace

LossMatrix LossMatrix::Row(size_t row) const {
  const size_t first = row * vertices;
  return {1, vertices, losses.subspan(first, vertices), outcomes.subspan(first, vertices),
          violations.empty() ? violations : violations.subspan(first, vertices)};
}

WeightSummary TransportWeights(const WeightOptions& options, const LossMatrix& matrix, Duals* duals,
                               absl::Span<double> weights) {
  LossRow row;
  const double divisor = MatrixDivisorOf(options, matrix, row);
  if (!IsCoupled(options.solver)) {
    RowWeights rows(options, divisor);
    rows.Solve(matrix, weights);
    return rows.Summary();
  }
  const size_t width = matrix.vertices;
  std::vector<double> costs(matrix.losses.size(), std::numeric_limits<double>::infinity());
  std::fill(weights.begin(), weights.end(), 0.0);
  double moving = 0.0;
  double inverse = 0.0;
  for (size_t r = 0; r < matrix.rows; ++r) {
    row.Gather(options.holes, matrix.Row(r));
    if (row.Holds()) continue;
    moving += 1.0;
    inverse += row.Scale(options, divisor);
    for (const LossRow::Entry& entry : row.entries()) costs[r * width + entry.vertex] = entry.value;
  }
  SolveTogether(options, matrix, costs, *duals, weights);
  return {moving > 0.0 && std::isfinite(inverse) ? inverse / moving : 0.0};
}

}  // namespace polystep
