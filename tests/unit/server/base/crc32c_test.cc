#include "server/base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace polystep {
namespace {

// RFC 3720, appendix B.4, and the customary check value.
TEST(Crc32cTest, KnownBytes_KnownSums) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

// Bit by bit, as the polynomial says.
uint32_t SlowCrc32c(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, AnyLength_EqualsTheDefinition) {
  std::string bytes;
  for (unsigned i = 0; i < 70; ++i) {
    EXPECT_EQ(Crc32c(bytes), SlowCrc32c(bytes)) << i;
    bytes.push_back(static_cast<char>(i * 151 + 7));
  }
}

TEST(Crc32cTest, AnyFlippedBit_ChangesTheSum) {
  std::string bytes = "an answer of some twenty bytes";
  uint32_t sum = Crc32c(bytes);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(Crc32c(flipped), sum) << bit;
  }
}

}  // namespace
}  // namespace polystep
