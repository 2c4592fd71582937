// The rounds of Philox4x32-10 (Salmon et al., SC 2011), inlined where loops over them vectorise.
#ifndef POLYSTEP_CORE_RANDOM_PHILOX_H_
#define POLYSTEP_CORE_RANDOM_PHILOX_H_

#include <cstdint>

#include "core/base/wide.h"

namespace polystep::philox {

// What a counter's last word holds: bits 32 to 39 of the step, and the purpose.
POLYSTEP_INLINE uint32_t HighWord(uint64_t step, uint32_t draw) {
  return (static_cast<uint32_t>(step >> 32) & 0xff) | (draw << 8);
}

template <int kRounds = 10>
POLYSTEP_INLINE void Rounds(uint32_t (&counter)[4], uint32_t (&key)[2]) {
  if constexpr (kRounds > 0) {
    const uint64_t product0 = uint64_t{0xD2511F53} * counter[0];
    const uint64_t product1 = uint64_t{0xCD9E8D57} * counter[2];
    counter[0] = static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0];
    counter[1] = static_cast<uint32_t>(product1);
    counter[2] = static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1];
    counter[3] = static_cast<uint32_t>(product0);
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
    Rounds<kRounds - 1>(counter, key);
  }
}

}  // namespace polystep::philox

#endif  // POLYSTEP_CORE_RANDOM_PHILOX_H_
