// Entropic optimal transport between the particles and the vertices of a step, in the log domain.
//
// min <P, C> - epsilon H(P) with row sums a, and column sums b either met (balanced) or drawn to by
// lambda KL(column sums | b). Coordinate ascent on the duals f and g:
//   f_i = epsilon (log a_i - LSE_v((g_v - C_iv) / epsilon)),
//   g_v = alpha epsilon (log b_v - LSE_i((f_i - C_iv) / epsilon)),  alpha =
//   lambda/(lambda+epsilon), P_iv = exp((f_i + g_v - C_iv) / epsilon)
// (Cuturi 2013; Chizat et al. 2018; alpha = 0 is the softmax per row, 1 is balanced). Reductions
// run in index order. Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_TRANSPORT_SINKHORN_H_
#define POLYSTEP_CORE_TRANSPORT_SINKHORN_H_

#include <vector>

#include "absl/types/span.h"

namespace polystep {

// Where the next solution starts: the duals of the last one, and its temperature. Empty: at zero.
struct Duals {
  std::vector<double> rows;
  std::vector<double> columns;
  double epsilon = 0.0;
};

struct TransportProblem {
  absl::Span<const double> costs;    // rows x columns, row-major; +inf: no mass may go there
  absl::Span<const double> rows;     // a; a row of 0 is left out
  absl::Span<const double> columns;  // b, > 0
};

struct SinkhornOptions {
  double epsilon = 1.0;
  double alpha = 1.0;
  int max_iterations = 2'000;
  double threshold = 1e-6;  // largest error of a row sum (alpha = 1), else change of a dual; looked
                            // at every ten iterations; 0: all iterations
};

// lambda / (lambda + epsilon); 1 for an infinite lambda.
double KlAlpha(double lambda, double epsilon);

// Solves into `plan`, of the size of the costs; returns the iterations it took. `duals` is the warm
// start where its sizes fit, scaled to this temperature, and takes the solution's. Costs are
// shifted by their least one first, so the duals are of that.
int Sinkhorn(const TransportProblem& problem, const SinkhornOptions& options, Duals& duals,
             absl::Span<double> plan);

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_SINKHORN_H_
