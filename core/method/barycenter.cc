#include "core/method/barycenter.h"

#include "absl/container/inlined_vector.h"

namespace polystep {

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
