// A vector of bits, eight a byte, the lowest first: a point whose coordinates all have two values.
//
// The bytes are canonical (those beyond the last bit are zero), so that equal bits are equal bytes
// on every machine. A value type.
#ifndef POLYSTEP_CORE_BASE_BITS_H_
#define POLYSTEP_CORE_BASE_BITS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace polystep {

class Bits {
 public:
  Bits() = default;
  explicit Bits(size_t size) : size_(size), bytes_((size + 7) / 8, '\0') {}
  // nullopt if the bytes are not those of `size` bits.
  static std::optional<Bits> FromBytes(size_t size, std::string bytes);

  size_t size() const { return size_; }
  bool operator[](size_t place) const {
    return ((static_cast<uint8_t>(bytes_[place / 8]) >> (place % 8)) & 1) != 0;
  }
  void Flip(size_t place) {
    bytes_[place / 8] = static_cast<char>(bytes_[place / 8] ^ (1 << (place % 8)));
  }
  std::string_view bytes() const { return bytes_; }

  // Values of the bits from `first` on, 0 or 1.
  void Expand(size_t first, absl::Span<float> to) const;

  // Calls visit(place) for every bit that is not as in `other`, which has as many, in their order.
  template <class Visit>
  void ForDifferent(const Bits& other, Visit visit) const;

  bool operator==(const Bits&) const = default;

 private:
  size_t size_ = 0;
  std::string bytes_;
};

template <class Visit>
void Bits::ForDifferent(const Bits& other, Visit visit) const {
  constexpr size_t kTogether = sizeof(uint64_t);
  for (size_t first = 0; first < bytes_.size(); first += kTogether) {
    const size_t count = std::min(kTogether, bytes_.size() - first);
    if (std::memcmp(&bytes_[first], &other.bytes_[first], count) == 0) continue;
    for (size_t n = first; n < first + count; ++n) {
      auto changed = static_cast<uint32_t>(static_cast<uint8_t>(bytes_[n] ^ other.bytes_[n]));
      for (; changed != 0; changed &= changed - 1) {
        visit(8 * n + static_cast<size_t>(std::countr_zero(changed)));
      }
    }
  }
}

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_BITS_H_
