#include "core/base/bits.h"

#include <utility>

#include "core/base/wide.h"

namespace polystep {
namespace {

POLYSTEP_WIDE void ExpandBytes(const char* bytes, size_t count, float* to) {
  for (size_t n = 0; n < count; ++n) {
    const auto byte = static_cast<int32_t>(static_cast<uint8_t>(bytes[n]));
    for (int32_t k = 0; k < 8; ++k) to[8 * n + k] = static_cast<float>((byte >> k) & 1);
  }
}

}  // namespace

std::optional<Bits> Bits::FromBytes(size_t size, std::string bytes) {
  if (bytes.size() != size / 8 + (size % 8 == 0 ? 0 : 1)) return std::nullopt;
  if (size % 8 != 0 && static_cast<uint8_t>(bytes.back()) >> (size % 8) != 0) return std::nullopt;
  Bits bits;
  bits.size_ = size;
  bits.bytes_ = std::move(bytes);
  return bits;
}

void Bits::Expand(size_t first, absl::Span<float> to) const {
  const auto one_by_one = [&](size_t begin, size_t end) {
    for (size_t k = begin; k < end; ++k) to[k] = (*this)[first + k] ? 1.0F : 0.0F;
  };
  const size_t head = std::min(to.size(), (8 - first % 8) % 8);
  const size_t whole = (to.size() - head) / 8;
  one_by_one(0, head);
  ExpandBytes(bytes_.data() + (first + head) / 8, whole, to.data() + head);
  one_by_one(head + 8 * whole, to.size());
}

}  // namespace polystep
