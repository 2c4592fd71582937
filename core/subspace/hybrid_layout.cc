#include "core/subspace/hybrid_layout.h"

#include <algorithm>
#include <cmath>

namespace polystep {
namespace {

int64_t RoundHalfToEven(double value) {
  const double below = std::floor(value);
  const auto whole = static_cast<int64_t>(below);
  const double rest = value - below;
  if (rest == 0.5) return whole + (whole % 2 != 0 ? 1 : 0);
  return rest > 0.5 ? whole + 1 : whole;
}

}  // namespace

std::vector<LayoutEntry> HybridLayout(const std::vector<std::vector<int64_t>>& shapes,
                                      const HybridOptions& options) {
  std::vector<LayoutEntry> layout;
  int64_t plain = 0;
  int64_t compressed = 0;
  for (const std::vector<int64_t>& shape : shapes) {
    LayoutEntry entry{1, 0, shape.size() > 1};
    for (const int64_t extent : shape) entry.size *= extent;
    if (entry.compressed) {
      const int64_t in = entry.size / shape[0];
      entry.coordinates = std::min<int64_t>({options.rank, shape[0], in}) * (shape[0] + in);
      compressed += entry.coordinates;
    } else {
      entry.coordinates = entry.size;
      plain += entry.size;
    }
    layout.push_back(entry);
  }
  const int64_t cap = options.max_dimension.value_or(0);
  if (cap == 0 || plain + compressed <= cap) return layout;
  const double share =
      static_cast<double>(std::max<int64_t>(1, cap - plain)) / static_cast<double>(compressed);
  for (LayoutEntry& entry : layout) {
    if (!entry.compressed) continue;
    const int64_t rounded = RoundHalfToEven(static_cast<double>(entry.coordinates) * share);
    entry.coordinates = std::min(std::max<int64_t>(1, rounded), entry.size);
  }
  return layout;
}

int64_t CoordinatesOf(const std::vector<LayoutEntry>& layout) {
  int64_t sum = 0;
  for (const LayoutEntry& entry : layout) sum += entry.coordinates;
  return sum;
}

}  // namespace polystep
