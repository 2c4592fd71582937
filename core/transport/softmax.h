// Losses to transport weights: the one-sided entropic optimal-transport plan is a softmax per row.
//
// The reference's semantics, step by step; TransportWeights (transport_weights.h) is what a search
// calls. Reductions run in index order. Pure functions, safe from any thread.
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

// exp(-x / epsilon) = 2^(x SoftmaxFactor(epsilon)); a power below kLeastPower counts as zero.
double SoftmaxFactor(double epsilon);
inline constexpr double kLeastPower = -1020.0;

// weights = exp(-(S - min S) / epsilon) / sum, for one row. Sizes equal; epsilon > 0.
void RowSoftmax(absl::Span<const double> scaled, double epsilon, absl::Span<double> weights);

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_SOFTMAX_H_
