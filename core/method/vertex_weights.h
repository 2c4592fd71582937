// The transport part that block and population methods share: its options, its weights of a step,
// and the duals kept between steps. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_VERTEX_WEIGHTS_H_
#define POLYSTEP_CORE_METHOD_VERTEX_WEIGHTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"
#include "core/frames/polytope.h"
#include "core/method/step_rule.h"
#include "core/schedule/schedule.h"
#include "core/transport/row_weights.h"
#include "core/transport/transport_weights.h"

namespace polystep {

struct TransportOptions {
  Schedule epsilon;
  LossScale loss_scale = LossScale::kRowDeviation;
  double loss_scale_constant = 1.0;
  Solver solver = Solver::kSoftmax;
  uint32_t top_k = 3;
  double kl_penalty = 1.0;
};

class VertexWeights {
 public:
  VertexWeights(TransportOptions options, Polytope polytope);

  // Weights of `rows` rows of `vertices` losses at schedule step t.
  void Solve(int64_t t, const LossMatrix& matrix, absl::Span<double> weights);

  // The same in parts, where rows are alone: Begin, SolvePart for the next rows, Finish.
  bool CanTakeParts() const { return RowWeights::CanTakeParts(weighting_); }
  void Begin(int64_t t);
  void SolvePart(const LossMatrix& matrix, absl::Span<double> weights);
  // Or, in place of it, as lanes (row_weights.h).
  const double* SolveLanes(size_t width, absl::Span<const double> losses,
                           absl::Span<const Outcome> outcomes) {
    return rows_->SolveLanes(width, losses, outcomes);
  }
  void Finish();

  // eta of the last step in `dim` dimensions; lengths.linear_rate is not looked at.
  double Rate(const StepLengths& lengths, size_t dim) const;

  // The rows are of other coordinates now.
  void Clear() { duals_ = Duals(); }

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  TransportOptions options_;
  WeightOptions weighting_;         // of the last step
  WeightSummary summary_;           // likewise
  std::optional<RowWeights> rows_;  // of the step, while it is solved in parts
  Duals duals_;                     // of the coupled solvers
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_VERTEX_WEIGHTS_H_
