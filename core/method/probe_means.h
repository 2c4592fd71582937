// Answers of vertices from those of their probes. Pure.
#ifndef POLYSTEP_CORE_METHOD_PROBE_MEANS_H_
#define POLYSTEP_CORE_METHOD_PROBE_MEANS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/transport/softmax.h"

namespace polystep {

// Means over the probes of each vertex: `losses`, `outcomes` and `violations` (which may be empty)
// are vertices x probes, row-major. An infeasible probe makes its vertex infeasible, else a missing
// one makes it missing, else a violation gives it the mean violation.
struct VertexAnswers {
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
  std::vector<double> violations;  // empty if `violations` was
};
VertexAnswers MeanOverProbes(uint32_t probes, absl::Span<const double> losses,
                             absl::Span<const Outcome> outcomes,
                             absl::Span<const double> violations = {});

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_PROBE_MEANS_H_
