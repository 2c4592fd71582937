// How many coordinates of a hybrid subspace each tensor gets.
//
// PolyStep's HybridSubspace: a tensor with two axes or more, taken as d_out x d_in, has
// k (d_out + d_in) coordinates, k = min(rank, d_out, d_in); every other number is its own. A cap on
// the sum shrinks the former alike. Pure.
#ifndef POLYSTEP_CORE_SUBSPACE_HYBRID_LAYOUT_H_
#define POLYSTEP_CORE_SUBSPACE_HYBRID_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace polystep {

struct HybridOptions {
  uint32_t rank = 4;
  std::optional<uint32_t> max_dimension;  // the sum can miss it by rounding
};

struct LayoutEntry {
  int64_t size = 0;         // numbers of the tensor
  int64_t coordinates = 0;  // that move it
  bool compressed = false;  // has two axes or more
};

// One entry a shape, in order.
std::vector<LayoutEntry> HybridLayout(const std::vector<std::vector<int64_t>>& shapes,
                                      const HybridOptions& options);

int64_t CoordinatesOf(const std::vector<LayoutEntry>& layout);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SUBSPACE_HYBRID_LAYOUT_H_
