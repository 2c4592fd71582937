#include "core/random/permutation.h"

#include "core/base/wide.h"

namespace polystep {
namespace {

// The finalizer of MurmurHash3.
POLYSTEP_INLINE uint32_t Mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bU;
  x ^= x >> 13;
  x *= 0xc2b2ae35U;
  return x ^ (x >> 16);
}

struct Masks {
  uint32_t low;
  uint32_t high;
};

// Two rounds of the network: each half is changed by the other.
POLYSTEP_INLINE void ChangeHalves(uint32_t even, uint32_t odd, Masks masks, uint32_t& low,
                                  uint32_t& high) {
  high ^= Mix(low ^ even) & masks.high;
  low ^= Mix(high ^ odd) & masks.low;
}

constexpr size_t kTogether = 256;

// One walk of the network from each of kTogether places, wherever it ends. Places have 32 bits.
POLYSTEP_WIDE void WalkTogether(uint32_t first, const uint32_t* keys, int rounds, int low_bits,
                                Masks masks, uint32_t* to) {
  uint32_t low[kTogether];
  uint32_t high[kTogether];
  for (size_t l = 0; l < kTogether; ++l) {
    const uint32_t place = first + static_cast<uint32_t>(l);
    low[l] = place & masks.low;
    high[l] = place >> low_bits;
  }
  for (int round = 0; round < rounds; round += 2) {
    const uint32_t even = keys[round];
    const uint32_t odd = keys[round + 1];
    for (size_t l = 0; l < kTogether; ++l) {
      ChangeHalves(even, odd, masks, low[l], high[l]);
    }
  }
  for (size_t l = 0; l < kTogether; ++l) to[l] = (high[l] << low_bits) | low[l];
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
      ChangeHalves(keys_[round], keys_[round + 1], {low_mask_, high_mask_}, low, high);
    }
    i = (static_cast<uint64_t>(high) << low_bits_) | low;
  } while (i >= size_);
  return i;
}

void Permutation::Take(uint64_t first, size_t count, uint32_t* elements) const {
  for (; count >= kTogether; count -= kTogether, first += kTogether, elements += kTogether) {
    WalkTogether(static_cast<uint32_t>(first), keys_.data(), kRounds, low_bits_,
                 {low_mask_, high_mask_}, elements);
    for (size_t l = 0; l < kTogether; ++l) {
      if (elements[l] >= size_) elements[l] = static_cast<uint32_t>((*this)(elements[l]));
    }
  }
  for (size_t l = 0; l < count; ++l) elements[l] = static_cast<uint32_t>((*this)(first + l));
}

}  // namespace polystep
