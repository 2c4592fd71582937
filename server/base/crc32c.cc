#include "server/base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace polystep {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected
constexpr size_t kSlices = 8;                 // bytes a round

using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

// tables[k][b]: the remainder of byte b followed by k zero bytes.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < kSlices; ++k) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t shorter = tables[k - 1][byte];
      tables[k][byte] = shorter >> 8 ^ tables[0][shorter & 255];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

// The remainder `crc` after whole rounds of `bytes`; what is left of them stays.
uint32_t AddRounds(uint32_t crc, std::string_view& bytes) {
  while (bytes.size() >= kSlices) {
    uint32_t next = 0;
    for (size_t i = 0; i < kSlices; ++i) {
      uint32_t byte = static_cast<unsigned char>(bytes[i]);
      if (i < 4) byte ^= crc >> (8 * i) & 255;
      next ^= kTables[kSlices - 1 - i][byte];
    }
    crc = next;
    bytes.remove_prefix(kSlices);
  }
  return crc;
}

#if defined(__x86_64__)
// The same by the instruction that there is for it since 2008.
__attribute__((target("sse4.2"))) uint32_t AddRoundsFast(uint32_t crc, std::string_view& bytes) {
  uint64_t sum = crc;
  while (bytes.size() >= kSlices) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    sum = __builtin_ia32_crc32di(sum, word);
    bytes.remove_prefix(kSlices);
  }
  return static_cast<uint32_t>(sum);
}

const bool kFast = __builtin_cpu_supports("sse4.2");
#else
constexpr bool kFast = false;
constexpr auto AddRoundsFast = AddRounds;
#endif

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  uint32_t crc = kFast ? AddRoundsFast(~0u, bytes) : AddRounds(~0u, bytes);
  for (char c : bytes) crc = crc >> 8 ^ kTables[0][(crc ^ static_cast<unsigned char>(c)) & 255];
  return ~crc;
}

}  // namespace polystep
