// Weights to start from, as client/examples/nets starts its studies. Thread-safe as functions.
#ifndef POLYSTEP_TESTS_BENCH_NETS_START_H_
#define POLYSTEP_TESTS_BENCH_NETS_START_H_

#include <cstdint>
#include <vector>

#include "client/examples/nets/task.h"
#include "core/random/random_stream.h"

namespace polystep::bench {

// All tensors one after the other.
inline std::vector<float> StartOf(const std::vector<nets::TensorShape>& tensors, uint64_t seed) {
  std::vector<float> values;
  uint32_t row = 0;
  for (const nets::TensorShape& tensor : tensors) {
    RandomStream stream(seed, 0, row++, Draw::kInitial);
    const bool uniform = tensor.start == nets::TensorShape::Start::kUniform;
    for (size_t n = 0; n < tensor.size(); ++n) {
      const double drawn = uniform ? 2.0 * stream.Uniform() - 1.0 : stream.Normal();
      const bool is_bias = (n + 1) % tensor.columns == 0;
      const bool zero = is_bias && tensor.start == nets::TensorShape::Start::kNormalWithoutBias;
      values.push_back(zero ? 0.0f : static_cast<float>(tensor.scale * drawn));
    }
  }
  return values;
}

}  // namespace polystep::bench

#endif  // POLYSTEP_TESTS_BENCH_NETS_START_H_
