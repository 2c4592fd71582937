// A set of indices as disjoint ranges; what is waiting to be leased. Not thread-safe.
#ifndef POLYSTEP_SERVER_ENGINE_RANGE_SET_H_
#define POLYSTEP_SERVER_ENGINE_RANGE_SET_H_

#include <cstdint>
#include <map>
#include <optional>

#include "server/engine/engine.h"

namespace polystep {

class RangeSet {
 public:
  void Add(uint32_t first, uint32_t count);
  void Remove(uint32_t first, uint32_t count);

  bool empty() const { return ranges_.empty(); }
  uint32_t size() const { return size_; }  // indices
  // The range with the lowest indices. Not of an empty set.
  IndexRange Lowest() const;
  bool Contains(uint32_t index) const;

 private:
  std::map<uint32_t, uint32_t> ranges_;  // first -> one past the last
  uint32_t size_ = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_RANGE_SET_H_
