// Losses of one step to the weights of its vertices: what a method calls. Scaling per row or over
// the matrix, then a solver.
//
// Reductions run in index order. Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_TRANSPORT_TRANSPORT_WEIGHTS_H_
#define POLYSTEP_CORE_TRANSPORT_TRANSPORT_WEIGHTS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "core/transport/sinkhorn.h"
#include "core/transport/softmax.h"

namespace polystep {

// How scaled losses become weights. A reference's "tempered" softmax is kSoftmax with a constant
// temperature, its "greedy" kTopK with one vertex, its "rank" kSoftmax of kRowRank.
enum class Solver : uint8_t {
  kSoftmax = 0,    // one-sided entropic transport: exp(-S / epsilon), per row
  kTopK = 1,       // equal weights on the cheapest `top_k` vertices, per row; first index on ties
  kSinkhorn = 2,   // balanced entropic transport: vertices share equal mass over all rows
  kKlSoftmax = 3,  // between the two: the vertices' mass is drawn to equal by `kl_penalty`
};

// What becomes of a vertex whose answer is missing. All but kAlone keep sum_v w_v u_v at zero for
// equal losses: a hole adds no drift.
enum class Holes : uint8_t {
  kAlone = 0,      // no weight; the others share it
  kAntipodes = 1,  // vertex v and v + V/2 are a pair (orthoplex): one missing masks both
  kOpposites = 2,  // vertex v and V - 1 - v are a pair (cube): likewise
  kMean = 3,       // taken at the mean of its row (simplex): of all gradients that agree with the
                   // answers the least one
};

struct WeightOptions {
  LossScale scale = LossScale::kRowDeviation;
  double constant = 1.0;  // of kConstant
  double epsilon = 1.0;   // temperature, > 0; unused by kTopK
  Holes holes = Holes::kAntipodes;
  Solver solver = Solver::kSoftmax;
  uint32_t top_k = 3;       // of kTopK, >= 1
  double kl_penalty = 1.0;  // lambda of kKlSoftmax, >= 0
};

// rows x vertices, row-major.
struct LossMatrix {
  uint32_t rows = 0;
  uint32_t vertices = 0;
  absl::Span<const double> losses;
  absl::Span<const Outcome> outcomes;
  absl::Span<const double> violations = {};  // may be empty where no outcome is kViolation

  LossMatrix Row(size_t row) const;  // one row of it
};

struct WeightSummary {
  // Mean over the rows that move of 1 / s, s the divisor of their losses; 0 without one (kRowRank).
  double inverse_divisor = 0.0;
};

// Row weights, each row summing to 1 or 0; `weights` is rows x vertices. An entry is usable if it
// is not missing and, with pairs, neither is its other half; the others get weight zero (but see
// kMean). Usable entries that are not feasible take no part in scale statistics; m different ones
// of a row (by core/transport/merit.h, an infeasible one last) stand above its largest feasible
// loss by 1/m, 2/m, ... 1 of the row's spread (of 1 in scaled losses where there is no spread), and
// rank in that order. A row whose usable entries are all equal, or that has none, gets all-zero
// weights: its particle holds, and the coupled solvers leave it out. Losses of usable entries must
// be finite; vertices is even with pairs. kRowDeviation and kRowRank do not notice losses
// multiplied by a power of two. `duals` is the warm start of the coupled solvers and takes their
// result; the others leave it alone and it may be null.
WeightSummary TransportWeights(const WeightOptions& options, const LossMatrix& matrix, Duals* duals,
                               absl::Span<double> weights);

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_TRANSPORT_WEIGHTS_H_
