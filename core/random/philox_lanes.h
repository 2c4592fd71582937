// A Philox block of each of kLanes neighbouring rows' streams: what every drawing in lanes begins
// with. Part of core/random and of what draws in lanes itself. Pure.
#ifndef POLYSTEP_CORE_RANDOM_PHILOX_LANES_H_
#define POLYSTEP_CORE_RANDOM_PHILOX_LANES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/base/wide.h"
#include "core/random/philox.h"
#include "core/random/random_lanes.h"

namespace polystep {

using WordLanes = uint32_t[4][kLanes];

// Block `number` of each stream; of fewer rounds than its ten it is a block of another generator.
template <int kRounds = 10>
POLYSTEP_INLINE void DrawBlockLanes(const RowStreams& streams, uint32_t number, WordLanes& words) {
  const uint32_t step_low = static_cast<uint32_t>(streams.step);
  const uint32_t step_high = philox::HighWord(streams.step, static_cast<uint32_t>(streams.draw));
  const uint32_t key_low = static_cast<uint32_t>(streams.seed);
  const uint32_t key_high = static_cast<uint32_t>(streams.seed >> 32);
  for (uint32_t l = 0; l < kLanes; ++l) {
    uint32_t counter[4] = {number, streams.first_row + l, step_low, step_high};
    uint32_t key[2] = {key_low, key_high};
    philox::Rounds<kRounds>(counter, key);
    for (size_t w = 0; w < 4; ++w) words[w][l] = counter[w];
  }
}

#ifdef POLYSTEP_AVX512
using WideWords = uint64_t __attribute__((vector_size(64)));

// Products of the lower halves; GCC makes three of each multiplication.
POLYSTEP_AVX512 POLYSTEP_INLINE WideWords MultiplyLow(WideWords a, uint32_t factor) {
#ifdef __clang__
  return (a & 0xffffffff) * uint64_t{factor};
#else
  using Words = int __attribute__((vector_size(64)));
  using Products = long long __attribute__((vector_size(64)));
  const WideWords factors = WideWords{} + factor;
  return reinterpret_cast<WideWords>(__builtin_ia32_pmuludq512_mask(
      reinterpret_cast<Words>(a), reinterpret_cast<Words>(factors), Products{}, 0xff));
#endif
}

// DrawBlockLanes. Only the lower halves of the lanes count.
template <int kRounds = 10>
POLYSTEP_AVX512 POLYSTEP_INLINE void DrawBlockAvx512(const RowStreams& streams, uint32_t number,
                                                     WordLanes& words) {
  using Wide = WideWords;
  using Half = uint32_t __attribute__((vector_size(32)));
  constexpr uint32_t kParts = kLanes / 8;
  const Wide zero = {};
  Wide counter[4][kParts];
  for (uint32_t part = 0; part < kParts; ++part) {
    const Wide places = {0, 1, 2, 3, 4, 5, 6, 7};
    counter[0][part] = zero + number;
    counter[1][part] = places + (uint64_t{streams.first_row} + 8 * part);
    counter[2][part] = zero + (streams.step & 0xffffffff);
    counter[3][part] = zero + philox::HighWord(streams.step, static_cast<uint32_t>(streams.draw));
  }
  auto key_low = static_cast<uint32_t>(streams.seed);
  auto key_high = static_cast<uint32_t>(streams.seed >> 32);
  for (int round = 0; round < kRounds; ++round) {
    for (uint32_t part = 0; part < kParts; ++part) {
      const Wide product0 = MultiplyLow(counter[0][part], 0xD2511F53);
      const Wide product1 = MultiplyLow(counter[2][part], 0xCD9E8D57);
      counter[0][part] = (product1 >> 32) ^ counter[1][part] ^ key_low;
      counter[2][part] = (product0 >> 32) ^ counter[3][part] ^ key_high;
      counter[1][part] = product1;
      counter[3][part] = product0;
    }
    key_low += 0x9E3779B9;
    key_high += 0xBB67AE85;
  }
  for (size_t w = 0; w < 4; ++w) {
    for (uint32_t part = 0; part < kParts; ++part) {
      const Half half = __builtin_convertvector(counter[w][part], Half);
      std::memcpy(words[w] + 8 * part, &half, sizeof(half));
    }
  }
}
#endif

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_PHILOX_LANES_H_
