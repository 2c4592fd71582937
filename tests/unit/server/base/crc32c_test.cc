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
