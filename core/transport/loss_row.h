// One particle's losses on their way to weights: what is masked left out, scaled in place.
//
// Part of transport_weights.cc. Reused from row to row; one owner at a time.
#ifndef POLYSTEP_CORE_TRANSPORT_LOSS_ROW_H_
#define POLYSTEP_CORE_TRANSPORT_LOSS_ROW_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/merit.h"
#include "core/transport/transport_weights.h"

namespace polystep {

// Variances of rows that are standardised as they are. Others are multiplied by a power of two
// first, as squares would over- or underflow: their losses have an unusual unit.
inline constexpr double kLeastVariance = 0x1p-800;
inline constexpr double kMostVariance = 0x1p800;

class LossRow {
 public:
  // One usable entry.
  struct Entry {
    size_t vertex;
    double value;  // the loss at first, scaled by Scale
    Merit merit;
    bool feasible() const { return merit.feasible(); }
  };

  void Gather(Holes holes, const LossMatrix& row);

  // Nothing to choose between.
  bool Holds() const;

  void AppendLosses(std::vector<double>& losses) const;

  // Scales the row, which does not hold, with what is not feasible placed behind the losses and,
  // under kMean, missing ones at the mean. `divisor` is that of matrix-wide scales. Returns the
  // inverse of what losses were divided by, 0 for ranks.
  double Scale(const WeightOptions& options, double divisor);

  // By ascending vertex.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void Divide(double divisor);
  double Standardize();
  void PlaceInfeasible();
  void Rank();
  void FillMissing();
  std::pair<double, double> Range() const;
  size_t FeasibleCount() const;
  // Of `unit` times the feasible losses above `least`.
  double VarianceAbove(double least, double unit) const;

  std::vector<Entry> entries_;
  std::vector<size_t> missing_;  // vertices to fill in, under kMean
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_LOSS_ROW_H_
