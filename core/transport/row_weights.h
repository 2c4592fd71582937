// Weights of rows by a solver that takes them one by one, in parts as they come: kSoftmaxRows rows
// at a time where scale and solver are the default ones and all answers are losses, else row by
// row.
//
// What TransportWeights (transport_weights.h) is without coupled solvers. One owner at a time.
#ifndef POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_
#define POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/loss_row.h"
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

  // Of all rows so far.
  WeightSummary Summary() const;

 private:
  // False if not all of the kSoftmaxRows rows from `first` on have losses; nothing is done then.
  bool SolveLanes(const LossMatrix& matrix, size_t first, absl::Span<double> weights);
  void SolveRow(const LossMatrix& row, absl::Span<double> weights);

  WeightOptions options_;
  double divisor_;
  LossRow row_;
  std::vector<double> scaled_;
  std::vector<double> lanes_;  // vertices x kSoftmaxRows
  double moving_ = 0.0;        // rows that do
  double inverse_ = 0.0;       // sum of their inverse divisors
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_ROW_WEIGHTS_H_
