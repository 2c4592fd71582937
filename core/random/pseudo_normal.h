// Directions that any language makes alike, bit for bit: whole numbers close to normal ones,
// without libm and without rounding.
//
// Number `element` of direction `direction` is the sum of the eight bytes, less its mean 1020, of
//   z = seed + 0x9E3779B97F4A7C15 (2^32 direction + element + 1)      (all mod 2^64)
//   z = (z ^ z >> 30) 0xBF58476D1CE4E5B9,  z = (z ^ z >> 27) 0x94D049BB133111EB,  z = z ^ z >> 31,
// which is what SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) draws at that place of its sequence.
// It lies in [-1020, 1020] and has variance 8 (256^2 - 1) / 12 = 43690. tests/golden has vectors.
#ifndef POLYSTEP_CORE_RANDOM_PSEUDO_NORMAL_H_
#define POLYSTEP_CORE_RANDOM_PSEUDO_NORMAL_H_

#include <cstdint>

#include "core/base/wide.h"

namespace polystep {

// Square root of the variance.
inline constexpr double kPseudoNormalDeviation = 209.02152999152983;

POLYSTEP_INLINE int32_t PseudoNormal(uint64_t seed, uint32_t direction, uint32_t element) {
  const uint64_t place = (uint64_t{direction} << 32) + element + 1;
  uint64_t z = seed + 0x9E3779B97F4A7C15 * place;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  // Bytes in pairs, then the four sums at once: the product's highest 16 bits.
  const uint64_t pairs = (z & 0x00FF00FF00FF00FF) + (z >> 8 & 0x00FF00FF00FF00FF);
  return static_cast<int32_t>(pairs * 0x0001000100010001 >> 48) - 1020;
}

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_PSEUDO_NORMAL_H_
