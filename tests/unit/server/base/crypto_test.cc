#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/base/hex.h"
#include "server/base/hmac.h"
#include "server/base/random_bytes.h"
#include "server/base/sha256.h"

namespace polystep {
namespace {

// FIPS 180-4 examples.
TEST(Sha256Test, KnownMessages_KnownDigests) {
  EXPECT_EQ(HexEncode(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexEncode(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, Incremental_EqualsOneShotAndStartsAfresh) {
  Sha256Hasher hasher;
  hasher.Update("a");
  hasher.Update("");
  hasher.Update("bc");
  EXPECT_EQ(hasher.Finish(), Sha256("abc"));
  hasher.Update("x");
  EXPECT_EQ(hasher.Finish(), Sha256("x"));
}

TEST(Sha256Test, Copied_BothGoOnFromTheSameBytes) {
  Sha256Hasher hasher;
  hasher.Update("a");
  Sha256Hasher copy = hasher;
  copy.Update("bc");
  hasher.Update("x");
  EXPECT_EQ(copy.Finish(), Sha256("abc"));
  EXPECT_EQ(hasher.Finish(), Sha256("ax"));
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(HmacTest, Rfc4231_KnownCodes) {
  EXPECT_EQ(HexEncode(HmacKey(std::string(20, '\x0b')).Sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(HmacKey("Jefe").Sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacKey(std::string(131, '\xaa'))
                          .Sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacTest, SignedTwice_SameCode) {
  const HmacKey key("Jefe");
  EXPECT_EQ(key.Sign("a"), key.Sign("a"));
  EXPECT_NE(key.Sign("a"), key.Sign("b"));
}

TEST(ConstantTimeEqualTest, ComparesLengthAndBytes) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_TRUE(ConstantTimeEqual("ab", "ab"));
  EXPECT_FALSE(ConstantTimeEqual("ab", "ac"));
  EXPECT_FALSE(ConstantTimeEqual("ab", "abc"));
}

TEST(HexTest, RoundTrip_GivesTheBytes) {
  std::string bytes = {'\x00', '\x7f', '\xff'};
  EXPECT_EQ(HexEncode(bytes), "007fff");
  EXPECT_EQ(HexDecode("007fff"), bytes);
  EXPECT_EQ(HexDecode("007FfF"), bytes);
}

TEST(HexTest, OddLengthOrOtherCharacter_GivesNothing) {
  EXPECT_EQ(HexDecode("0"), std::nullopt);
  EXPECT_EQ(HexDecode("0g"), std::nullopt);
  EXPECT_EQ(HexDecode("0x"), std::nullopt);
}

TEST(RandomBytesTest, Draws_HaveTheLengthAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(RandomBytes(16));
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_EQ(seen.begin()->size(), 16u);
  EXPECT_EQ(RandomBytes(0), "");
}

}  // namespace
}  // namespace polystep
