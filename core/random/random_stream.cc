#include "core/random/random_stream.h"

#include <cmath>

#include "core/random/philox.h"
#include "core/random/portable_math.h"

namespace polystep {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  uint32_t words[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t keys[2] = {key[0], key[1]};
  philox::Rounds(words, keys);
  return {words[0], words[1], words[2], words[3]};
}

RandomStream::RandomStream(uint64_t seed, uint64_t step, uint32_t row, Draw draw)
    : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)},
      counter_{0, row, static_cast<uint32_t>(step),
               philox::HighWord(step, static_cast<uint32_t>(draw))} {}

uint32_t RandomStream::NextU32() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t RandomStream::NextU64() {
  const uint64_t low = NextU32();
  return low | (static_cast<uint64_t>(NextU32()) << 32);
}

double RandomStream::Uniform() { return static_cast<double>(NextU64() >> 11) * 0x1p-53; }

double RandomStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * PortableLog(1.0 - Uniform()));
  const SinCos angle = PortableSinCosTurns(Uniform());
  spare_ = radius * angle.sin;
  has_spare_ = true;
  return radius * angle.cos;
}

}  // namespace polystep
