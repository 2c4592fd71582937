#include "core/random/permutation.h"

namespace polystep {
namespace {

// The finalizer of MurmurHash3.
uint32_t Mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bU;
  x ^= x >> 13;
  x *= 0xc2b2ae35U;
  return x ^ (x >> 16);
}

}  // namespace

Permutation::Permutation(uint64_t size, RandomStream stream) : size_(size) {
  int bits = 2;  // one for each half at least
  while ((uint64_t{1} << bits) < size) ++bits;
  low_bits_ = bits / 2;
  low_mask_ = (uint32_t{1} << low_bits_) - 1;
  high_mask_ = (uint32_t{1} << (bits - low_bits_)) - 1;
  for (uint32_t& key : keys_) key = stream.NextU32();
}

uint64_t Permutation::operator()(uint64_t i) const {
  do {
    auto low = static_cast<uint32_t>(i) & low_mask_;
    auto high = static_cast<uint32_t>(i >> low_bits_);
    for (int round = 0; round < kRounds; round += 2) {
      high ^= Mix(low ^ keys_[round]) & high_mask_;
      low ^= Mix(high ^ keys_[round + 1]) & low_mask_;
    }
    i = (static_cast<uint64_t>(high) << low_bits_) | low;
  } while (i >= size_);
  return i;
}

}  // namespace polystep
