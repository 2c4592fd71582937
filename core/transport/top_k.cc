#include "core/transport/top_k.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace polystep {

void RowTopK(absl::Span<const double> scaled, uint32_t k, absl::Span<double> weights) {
  std::vector<size_t> order(scaled.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scaled[a] < scaled[b]; });
  const size_t taken = std::min<size_t>(k, order.size());
  std::fill(weights.begin(), weights.end(), 0.0);
  for (size_t n = 0; n < taken; ++n) weights[order[n]] = 1.0 / static_cast<double>(taken);
}

}  // namespace polystep
