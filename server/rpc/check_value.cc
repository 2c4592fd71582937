#include "server/rpc/check_value.h"

#include <bit>

namespace polystep {
namespace {

constexpr uint64_t kPrime = 1099511628211ULL;

}  // namespace

CheckValue::CheckValue(const Center& center) : center_(center) {
  for (char byte : center.id) hash_ = (hash_ ^ static_cast<uint8_t>(byte)) * kPrime;
}

void CheckValue::AddWord(uint32_t word) {
  for (int i = 0; i < 4; ++i) hash_ = (hash_ ^ (word >> (8 * i) & 0xff)) * kPrime;
}

void CheckValue::Add(SearchSpace::Range range, const float* values) {
  for (int64_t k = 0; k < range.size; ++k) {
    const auto coordinate = static_cast<size_t>(range.first + k);
    AddWord(static_cast<uint32_t>(coordinate));
    AddWord(std::bit_cast<uint32_t>(center_.values[coordinate]));
    AddWord(std::bit_cast<uint32_t>(values[k]));
  }
}

}  // namespace polystep
