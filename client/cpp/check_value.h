// The check value of leases around a center: BlockCandidates.check. A value type.
#ifndef POLYSTEP_CLIENT_CPP_CHECK_VALUE_H_
#define POLYSTEP_CLIENT_CPP_CHECK_VALUE_H_

#include <bit>
#include <cstdint>
#include <string_view>

namespace polystep::client {

// FNV-1a over the center's id and the coordinates of the first and of the last candidate.
class CheckValue {
 public:
  explicit CheckValue(std::string_view center_id) {
    for (char byte : center_id) hash_ = (hash_ ^ static_cast<uint8_t>(byte)) * kPrime;
  }

  void Add(uint32_t coordinate, float before, float after) {
    AddWord(coordinate);
    AddWord(std::bit_cast<uint32_t>(before));
    AddWord(std::bit_cast<uint32_t>(after));
  }

  uint64_t value() const { return hash_; }

 private:
  static constexpr uint64_t kPrime = 1099511628211ULL;

  void AddWord(uint32_t word) {
    for (int i = 0; i < 4; ++i) hash_ = (hash_ ^ (word >> (8 * i) & 0xff)) * kPrime;
  }

  uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_CHECK_VALUE_H_
