// Losses to transport weights: the one-sided entropic optimal-transport plan is a softmax per row.
//
// The first three functions are the reference's semantics, step by step; TransportWeights is what
// a search calls. Reductions run in index order. Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_TRANSPORT_SOFTMAX_H_
#define POLYSTEP_CORE_TRANSPORT_SOFTMAX_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace polystep {

// What is known of one evaluation when its step closes.
enum class Outcome : uint8_t {
  kMissing = 0,     // masked: it takes no part
  kLoss = 1,        // finite
  kInfeasible = 2,  // an answer: ranks worst, takes no part in scale statistics
  kViolation = 3,   // a finite loss that breaks constraints by a finite amount above 0
};

// Divisor of a cost matrix before the softmax.
enum class LossScale : uint8_t {
  kNone = 0,          // 1
  kMean = 1,          // mean |C| over the matrix, at least 1e-10 (reference)
  kMax = 2,           // max |C| over the matrix, at least 1e-10 (reference)
  kConstant = 3,      // a given number
  kRowDeviation = 4,  // per row: recentred, divided by the standard deviation of its usable losses
  kRowRank = 5,       // per row: ranks in [0, 1], ties averaged
};

// Reference semantics: every non-finite entry becomes max(2 max|finite| + 1, 1e6).
void SanitizeLosses(absl::Span<double> losses);

// The matrix-wide divisor of kNone, kMean, kMax, kConstant.
double MatrixDivisor(LossScale scale, double constant, absl::Span<const double> losses);

// weights = exp(-(S - min S) / epsilon) / sum, for one row. Sizes equal; epsilon > 0.
void RowSoftmax(absl::Span<const double> scaled, double epsilon, absl::Span<double> weights);

struct WeightOptions {
  LossScale scale = LossScale::kRowDeviation;
  double constant = 1.0;  // of kConstant
  double epsilon = 1.0;   // temperature, > 0
  bool antipodal = true;  // vertex v and v + vertices/2 are a pair: a missing one masks both
};

// Weights of a rows x vertices matrix of losses (row-major, as are outcomes and weights). An entry
// is usable if it is not missing and, when antipodal, neither is its antipode; the others get
// weight zero. Usable entries that are not feasible take no part in scale statistics; m different
// ones of a row (by core/transport/merit.h, an infeasible one last) stand above its largest
// feasible loss by 1/m, 2/m, ... 1 of the row's spread (of 1 in scaled losses where there is no
// spread), and rank in that order. A row whose usable entries are all equal, or that has none, gets
// all-zero weights: its particle holds. Losses of usable entries must be finite; vertices is even
// when antipodal; `violations` may be empty where no outcome is kViolation. kRowDeviation and
// kRowRank do not notice losses multiplied by a power of two.
void TransportWeights(const WeightOptions& options, int rows, int vertices,
                      absl::Span<const double> losses, absl::Span<const Outcome> outcomes,
                      absl::Span<double> weights, absl::Span<const double> violations = {});

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_SOFTMAX_H_
