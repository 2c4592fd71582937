// Directions of the rows of POLYSTEP_METRIC: random frames, mapped through the learned metric.
//
// A full metric gets frames of k orthonormal directions, each with the length of a standard normal
// vector; a diagonal one independent and nearly normal directions, which are nearly orthogonal in
// so many dimensions. A pure function of (seed, step, row, metric) with a cache of what was drawn
// last; one owner at a time.
#ifndef POLYSTEP_CORE_METHOD_METRIC_FRAME_H_
#define POLYSTEP_CORE_METHOD_METRIC_FRAME_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/method/metric_model.h"

namespace polystep {

class MetricFrame {
 public:
  MetricFrame(uint64_t seed, uint32_t size) : seed_(seed), size_(size) {}

  // Displacement y of direction `direction` < size, in radii; good until the next call.
  absl::Span<const double> Direction(const MetricModel& model, int64_t step, uint32_t row,
                                     uint32_t direction);
  // The metric changed.
  void Forget() { step_ = -1; }

 private:
  void DrawAll(const MetricModel& model);
  void DrawOne(const MetricModel& model);

  uint64_t seed_;
  uint32_t size_;
  int64_t step_ = -1;
  uint32_t row_ = 0;
  uint32_t first_ = 0;  // direction
  std::vector<double> directions_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_METRIC_FRAME_H_
