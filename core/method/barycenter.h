// The step all PolyStep methods share: weights of a polytope's vertices to a displacement.
//
// Barycentric projection of an entropic transport plan, vertex-free form: x' = x + r_s R (U^T w).
// Pure functions with a fixed order of summation.
#ifndef POLYSTEP_CORE_METHOD_BARYCENTER_H_
#define POLYSTEP_CORE_METHOD_BARYCENTER_H_

#include "absl/types/span.h"
#include "core/frames/polytope.h"
#include "core/method/step_rule.h"
#include "core/transport/transport_weights.h"

namespace polystep {

// direction = R u: `rotation` dim x dim row-major, `vertex` and `direction` of size dim.
inline void RotateVertex(absl::Span<const double> rotation, absl::Span<const double> vertex,
                         absl::Span<double> direction) {
  const size_t dim = vertex.size();
  for (double& sum : direction) sum = 0.0;
  for (size_t j = 0; j < dim; ++j) {
    if (vertex[j] == 0.0) continue;  // would change no sum, and vertices may be mostly zeros
    for (size_t i = 0; i < dim; ++i) direction[i] += rotation[i * dim + j] * vertex[j];
  }
}

// out = R (sum_v w_v u_v): `vertices` is V x dim row-major, `weights` of size V. All-zero weights
// give zero: the particle holds.
void BarycentricDirection(absl::Span<const double> rotation, absl::Span<const double> vertices,
                          absl::Span<const double> weights, absl::Span<double> out);

// eta = r_s delta / (dim epsilon s), 1/s being `inverse_divisor`: where losses differ by much less
// than epsilon s, a softmax step is -eta times the gradient. 0 for other solvers and for ranks.
double LinearRate(const StepLengths& lengths, const WeightOptions& weighting,
                  double inverse_divisor, size_t dim);

// How holes of a polytope's vertices leave its frame without drift.
Holes HolesOf(Polytope polytope);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_BARYCENTER_H_
