#include "core/space/coordinate_runs.h"

#include <algorithm>

namespace polystep {

void CoordinateRuns::Append(size_t count, const Coordinate& coordinate) {
  if (!runs_.empty() && runs_.back().coordinate == coordinate) {
    runs_.back().end += count;
    return;
  }
  runs_.push_back({size(), size() + count, coordinate});
}

size_t CoordinateRuns::RunOf(size_t coordinate) const {
  if (runs_.size() == 1) return 0;
  auto run = std::upper_bound(runs_.begin(), runs_.end(), coordinate,
                              [](size_t c, const Run& run) { return c < run.end; });
  return static_cast<size_t>(run - runs_.begin());
}

}  // namespace polystep
