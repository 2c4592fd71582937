// How many samples the mini-batch of a step has. A plain value.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_PLAN_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_PLAN_H_

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace polystep::nets {

// first sqrt(1 + step / growth) samples. Early in a training the direction is the same for all
// samples and few show it; late it is what remains when those of many have cancelled each other.
// After Smith et al., "Don't decay the learning rate, increase the batch size" (ICLR 2018), without
// their schedule: no end has to be known.
struct BatchPlan {
  size_t first = 512;
  uint32_t growth = 100;  // steps; 0: all mini-batches are as large as the first

  size_t At(int64_t step) const {
    if (growth == 0) return first;
    const double factor = std::sqrt(1.0 + static_cast<double>(step) / growth);
    return static_cast<size_t>(static_cast<double>(first) * factor);
  }
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_PLAN_H_
