#include "tests/bench/nets/baseline.h"

#include <cmath>

#include "client/examples/nets/for_each.h"
#include "core/random/random_stream.h"

namespace polystep::bench {
namespace {

constexpr size_t kTable = size_t{1} << 24;
constexpr size_t kStretch = size_t{1} << 16;  // drawn by one stream

}  // namespace

NoiseTable::NoiseTable(uint64_t seed, int threads) : seed_(seed), values_(kTable) {
  nets::ForEach(kTable / kStretch, threads, [&](size_t n) {
    RandomStream stream(seed, 0, static_cast<uint32_t>(n), Draw::kJitter);
    for (size_t k = 0; k < kStretch; ++k) {
      values_[n * kStretch + k] = static_cast<float>(stream.Normal());
    }
  });
}

const float* NoiseTable::Direction(int64_t iteration, size_t n, size_t count) const {
  RandomStream stream(seed_, static_cast<uint64_t>(iteration), static_cast<uint32_t>(n),
                      Draw::kFrame);
  return values_.data() + stream.NextU64() % (kTable - count);
}

size_t DefaultPopulation(absl::string_view method, size_t dimension) {
  if (method == "openai-es") return 64;
  if (method == "spsa") return 16;
  return static_cast<size_t>(4 + 3 * std::log(static_cast<double>(dimension)));
}

}  // namespace polystep::bench
