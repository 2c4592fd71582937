// Equal weights on the cheapest vertices of a row: PolyStep's greedy (k = 1) and top-k solvers.
#ifndef POLYSTEP_CORE_TRANSPORT_TOP_K_H_
#define POLYSTEP_CORE_TRANSPORT_TOP_K_H_

#include <cstdint>

#include "absl/types/span.h"

namespace polystep {

// weights = 1/k on the k smallest of `scaled`, the first index on ties, else 0. k >= 1; fewer
// entries share the weight.
void RowTopK(absl::Span<const double> scaled, uint32_t k, absl::Span<double> weights);

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_TOP_K_H_
