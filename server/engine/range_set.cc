#include "server/engine/range_set.h"

#include <algorithm>
#include <iterator>

namespace polystep {

void RangeSet::Add(uint32_t first, uint32_t count) {
  if (count == 0) return;
  uint32_t end = first + count;
  auto next = ranges_.lower_bound(first);
  if (next != ranges_.begin() && std::prev(next)->second >= first) {
    --next;
    first = next->first;
  }
  while (next != ranges_.end() && next->first <= end) {
    end = std::max(end, next->second);
    size_ -= next->second - next->first;
    next = ranges_.erase(next);
  }
  ranges_[first] = end;
  size_ += end - first;
}

void RangeSet::Remove(uint32_t first, uint32_t count) {
  uint32_t end = first + count;
  auto next = ranges_.lower_bound(first);
  if (next != ranges_.begin() && std::prev(next)->second > first) --next;
  while (next != ranges_.end() && next->first < end) {
    auto [range_first, range_end] = *next;
    next = ranges_.erase(next);
    size_ -= std::min(end, range_end) - std::max(first, range_first);
    if (range_first < first) ranges_[range_first] = first;
    if (range_end > end) ranges_[end] = range_end;
  }
}

IndexRange RangeSet::Lowest() const {
  auto [first, end] = *ranges_.begin();
  return {first, end - first};
}

bool RangeSet::Contains(uint32_t index) const {
  auto next = ranges_.upper_bound(index);
  return next != ranges_.begin() && std::prev(next)->second > index;
}

}  // namespace polystep
