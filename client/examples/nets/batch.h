// Samples as the layers take them: in blocks of 64, one sample a lane. Plain values.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/examples/nets/aligned.h"

namespace polystep::nets {

inline constexpr size_t kClasses = 10;
inline constexpr size_t kBlock = 64;  // samples

struct Block {
  size_t samples = 0;     // the first ones; what follows is zero and does not count
  Aligned<float> inputs;  // [input][kBlock]
  std::array<int32_t, kBlock> labels{};
};

struct Batch {
  size_t samples = 0;
  std::vector<Block> blocks;
};

inline size_t InputsOf(const Block& block) { return block.inputs.size() / kBlock; }
inline size_t InputsOf(const Batch& batch) { return InputsOf(batch.blocks.front()); }

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_BATCH_H_
