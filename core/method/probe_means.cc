#include "core/method/probe_means.h"

#include <cstddef>

namespace polystep {

VertexAnswers MeanOverProbes(uint32_t probes, absl::Span<const double> losses,
                             absl::Span<const Outcome> outcomes,
                             absl::Span<const double> violations) {
  VertexAnswers vertices;
  const size_t count = losses.size() / probes;
  if (!violations.empty()) vertices.violations.resize(count);
  for (size_t v = 0; v < count; ++v) {
    double sum = 0.0;
    double violation = 0.0;
    bool infeasible = false;
    bool missing = false;
    for (size_t k = v * probes; k < (v + 1) * probes; ++k) {
      infeasible |= outcomes[k] == Outcome::kInfeasible;
      missing |= outcomes[k] == Outcome::kMissing;
      const bool violated = outcomes[k] == Outcome::kViolation;
      if (violated) violation += violations[k];
      if (violated || outcomes[k] == Outcome::kLoss) sum += losses[k];
    }
    vertices.outcomes.push_back(infeasible        ? Outcome::kInfeasible
                                : missing         ? Outcome::kMissing
                                : violation > 0.0 ? Outcome::kViolation
                                                  : Outcome::kLoss);
    vertices.losses.push_back(infeasible || missing ? 0.0 : sum / probes);
    if (!violations.empty()) vertices.violations[v] = violation / probes;
  }
  return vertices;
}

}  // namespace polystep
