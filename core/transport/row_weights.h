// Weights of rows by a solver that takes them one by one, in parts as they come: kSoftmaxRows rows
// at a time where scale and solver are the default ones and all answers are losses, else row by
// row.
//
// What TransportWeights (transport_weights.h) is without coupled solvers. One owner at a time.
#ifndef POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_
#define POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/loss_row.h"
#include "core/transport/softmax_lanes.h"
#include "core/transport/transport_weights.h"

namespace polystep {

class RowWeights {
 public:
  // Whether no row's weights depend on another row: neither by scale nor by solver.
  static bool CanTakeParts(const WeightOptions& options);

  // `divisor` is that of matrix-wide scales.
  explicit RowWeights(const WeightOptions& options, double divisor = 1.0);

  // Those of the next rows; `weights` is rows x vertices.
  void Solve(const LossMatrix& matrix, absl::Span<double> weights);

  // Those of the next kSoftmaxRows rows of `width` vertices as lanes, width x kSoftmaxRows, until
  // the next call. Null, and nothing is done, where they have to be solved row by row.
  const double* SolveLanes(size_t width, absl::Span<const double> losses,
                           absl::Span<const Outcome> outcomes);

  // Of all rows so far.
  WeightSummary Summary() const;

 private:
  void SolveRow(const LossMatrix& row, absl::Span<double> weights);

  WeightOptions options_;
  double divisor_;
  LossRow row_;
  std::vector<double> scaled_;
  std::vector<double> lanes_;  // vertices x kSoftmaxRows
  // Rows that move, and the sum of their inverse divisors: of rows alone, and of lanes.
  double moving_ = 0.0;
  double inverse_ = 0.0;
  std::array<double, kSoftmaxRows> moving_lanes_ = {};
  std::array<double, kSoftmaxRows> inverse_lanes_ = {};
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_
