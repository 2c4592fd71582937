// The median of the latest measurements of a duration. Not thread-safe.
#ifndef POLYSTEP_SERVER_ENGINE_RECENT_MEDIAN_H_
#define POLYSTEP_SERVER_ENGINE_RECENT_MEDIAN_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/time/time.h"

namespace polystep {

class RecentMedian {
 public:
  void Add(absl::Duration duration) {
    latest_[count_++ % latest_.size()] = duration;
    auto sorted = latest_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, latest_.size()));
    const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
    std::nth_element(sorted.begin(), middle, end);
    value_ = *middle;
  }

  // Zero without any; of an even number the upper of the two in the middle.
  absl::Duration value() const { return value_; }

 private:
  std::array<absl::Duration, 63> latest_;
  size_t count_ = 0;
  absl::Duration value_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_RECENT_MEDIAN_H_
