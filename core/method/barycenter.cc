#include "core/method/barycenter.h"

#include "absl/container/inlined_vector.h"

namespace polystep {

void RotateVertex(absl::Span<const double> rotation, absl::Span<const double> vertex,
                  absl::Span<double> direction) {
  const size_t dim = vertex.size();
  for (double& sum : direction) sum = 0.0;
  for (size_t j = 0; j < dim; ++j) {
    if (vertex[j] == 0.0) continue;  // would change no sum, and vertices may be mostly zeros
    for (size_t i = 0; i < dim; ++i) direction[i] += rotation[i * dim + j] * vertex[j];
  }
}

void BarycentricDirection(absl::Span<const double> rotation, absl::Span<const double> vertices,
                          absl::Span<const double> weights, absl::Span<double> out) {
  const size_t dim = out.size();
  absl::InlinedVector<double, 16> mean(dim, 0.0);
  for (size_t v = 0; v < weights.size(); ++v) {
    for (size_t j = 0; j < dim; ++j) mean[j] += weights[v] * vertices[v * dim + j];
  }
  RotateVertex(rotation, mean, out);
}

double LinearRate(const StepLengths& lengths, const WeightOptions& weighting,
                  double inverse_divisor, size_t dim) {
  if (weighting.solver != Solver::kSoftmax) return 0.0;
  return lengths.step_radius * lengths.probe_distance /
         (static_cast<double>(dim) * weighting.epsilon) * inverse_divisor;
}

Holes HolesOf(Polytope polytope) {
  if (polytope == Polytope::kOrthoplex) return Holes::kAntipodes;
  return polytope == Polytope::kCube ? Holes::kOpposites : Holes::kMean;
}

}  // namespace polystep
