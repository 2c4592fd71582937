// A pseudo-random order of [0, size) that is never written down: place i of it costs O(1).
//
// An alternating Feistel network over the bits of size - 1, keyed by a stream and walked until it
// is inside (Black & Rogaway, CT-RSA 2002). Integers only, so equal everywhere. A value type.
#ifndef POLYSTEP_CORE_RANDOM_PERMUTATION_H_
#define POLYSTEP_CORE_RANDOM_PERMUTATION_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/random/random_stream.h"

namespace polystep {

class Permutation {
 public:
  // 1 <= size <= 2^32. Draws its keys from `stream`.
  Permutation(uint64_t size, RandomStream stream);

  // The element at place `i` < size; another one for every other place.
  uint64_t operator()(uint64_t i) const;

  // The elements at `count` neighbouring places from `first` on, all of them < size: many at once
  // take much less time than one after the other.
  void Take(uint64_t first, size_t count, uint32_t* elements) const;

 private:
  static constexpr int kRounds = 8;

  uint64_t size_;
  int low_bits_;
  uint32_t low_mask_;
  uint32_t high_mask_;
  std::array<uint32_t, kRounds> keys_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_PERMUTATION_H_
