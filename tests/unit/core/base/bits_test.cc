#include "core/base/bits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polystep {
namespace {

// Every third bit, and the last.
Bits Some(size_t size) {
  Bits bits(size);
  for (size_t k = 0; k < size; k += 3) bits.Flip(k);
  if (size > 0 && (size - 1) % 3 != 0) bits.Flip(size - 1);
  return bits;
}

TEST(Bits, Bytes_HaveTheLowestBitFirst) {
  Bits bits(11);
  for (size_t k : {0u, 3u, 9u}) bits.Flip(k);
  EXPECT_EQ(bits.bytes(), std::string("\x09\x02"));
  bits.Flip(3);
  EXPECT_EQ(bits.bytes(), std::string("\x01\x02"));
  EXPECT_TRUE(bits[0] && !bits[3] && bits[9] && !bits[10]);
}

TEST(Bits, FromBytes_TakesCanonicalOnesOnly) {
  const Bits bits = Some(19);
  EXPECT_EQ(Bits::FromBytes(19, std::string(bits.bytes())), bits);
  EXPECT_EQ(Bits::FromBytes(19, "ab"), std::nullopt);
  EXPECT_EQ(Bits::FromBytes(19, "abcd"), std::nullopt);
  EXPECT_EQ(Bits::FromBytes(19, std::string("\x01\x02\x08")), std::nullopt) << "a bit beyond";
  EXPECT_NE(Bits::FromBytes(19, std::string("\x01\x02\x04")), std::nullopt);
  EXPECT_EQ(Bits::FromBytes(0, ""), Bits());
  EXPECT_EQ(Bits::FromBytes(~size_t{0}, ""), std::nullopt);
}

TEST(Bits, Expand_AnyPart_IsItsValues) {
  const Bits bits = Some(41);
  for (size_t first = 0; first <= 41; ++first) {
    for (size_t size = 0; first + size <= 41; ++size) {
      std::vector<float> values(size, 7.0F);
      bits.Expand(first, absl::MakeSpan(values));
      for (size_t k = 0; k < size; ++k) ASSERT_EQ(values[k], bits[first + k] ? 1.0F : 0.0F);
    }
  }
}

TEST(Bits, ForDifferent_VisitsWhatDiffersInOrder) {
  for (size_t size : {1u, 8u, 63u, 64u, 65u, 200u}) {
    const Bits from = Some(size);
    Bits to = from;
    std::vector<size_t> flipped;
    for (size_t k = 0; k < size; k += 1 + k % 7) {
      to.Flip(k);
      flipped.push_back(k);
    }
    std::vector<size_t> visited;
    to.ForDifferent(from, [&](size_t place) { visited.push_back(place); });
    EXPECT_EQ(visited, flipped) << size;
  }
}

}  // namespace
}  // namespace polystep
