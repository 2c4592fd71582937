// The check value of leases around a center: BlockCandidates.check. A value type.
#ifndef POLYSTEP_SERVER_RPC_CHECK_VALUE_H_
#define POLYSTEP_SERVER_RPC_CHECK_VALUE_H_

#include <cstdint>

#include "server/engine/engine.h"

namespace polystep {

// FNV-1a over the center's id and, for each candidate added, its coordinates with their old and new
// values.
class CheckValue {
 public:
  explicit CheckValue(const Center& center);  // which must outlive it

  // The first and then the last candidate: the center with the coordinates of `range` replaced.
  void Add(SearchSpace::Range range, const float* values);

  uint64_t value() const { return hash_; }

 private:
  void AddWord(uint32_t word);  // little-endian

  const Center& center_;
  uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_CHECK_VALUE_H_
