#include "core/random/random_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

namespace polystep {
namespace {

// Known answers published with Random123 (kat_vectors, philox4x32 10).
TEST(Philox4x32, PublishedVectors_KnownAnswers) {
  using Counter = std::array<uint32_t, 4>;
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, SameKey_SameNumbers) {
  RandomStream a(7, 3, 5, Draw::kRotation);
  RandomStream b(7, 3, 5, Draw::kRotation);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Normal(), b.Normal());
}

TEST(RandomStream, AnyPartOfTheKeyDiffers_OtherNumbers) {
  std::set<uint64_t> firsts;
  const uint64_t base = RandomStream(7, 3, 5, Draw::kRotation).NextU64();
  firsts.insert(base);
  firsts.insert(RandomStream(8, 3, 5, Draw::kRotation).NextU64());
  firsts.insert(RandomStream(7 + (uint64_t{1} << 40), 3, 5, Draw::kRotation).NextU64());
  firsts.insert(RandomStream(7, 4, 5, Draw::kRotation).NextU64());
  firsts.insert(RandomStream(7, 3 + (uint64_t{1} << 35), 5, Draw::kRotation).NextU64());
  firsts.insert(RandomStream(7, 3, 6, Draw::kRotation).NextU64());
  firsts.insert(RandomStream(7, 3, 5, Draw::kFrame).NextU64());
  EXPECT_EQ(firsts.size(), 7u);
}

TEST(RandomStream, NextU64_TwoWordsLowFirst) {
  RandomStream words(1, 2, 3, Draw::kLength);
  RandomStream longs(1, 2, 3, Draw::kLength);
  const uint64_t low = words.NextU32();
  const uint64_t high = words.NextU32();
  EXPECT_EQ(longs.NextU64(), low | (high << 32));
}

TEST(RandomStream, Uniform_InHalfOpenUnitInterval) {
  RandomStream stream(11, 0, 0, Draw::kInitial);
  double sum = 0.0;
  const int count = 200000;
  for (int i = 0; i < count; ++i) {
    const double u = stream.Uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  EXPECT_NEAR(sum / count, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / count));
}

TEST(RandomStream, Normal_FirstFourMoments) {
  RandomStream stream(12, 0, 0, Draw::kInitial);
  double moments[4] = {0.0, 0.0, 0.0, 0.0};
  const int count = 400000;
  for (int i = 0; i < count; ++i) {
    const double z = stream.Normal();
    ASSERT_TRUE(std::isfinite(z));
    double power = 1.0;
    for (double& moment : moments) moment += (power *= z);
  }
  const double unit = 5.0 / std::sqrt(static_cast<double>(count));  // five standard errors
  EXPECT_NEAR(moments[0] / count, 0.0, unit);
  EXPECT_NEAR(moments[1] / count, 1.0, unit * std::sqrt(2.0));
  EXPECT_NEAR(moments[2] / count, 0.0, unit * std::sqrt(15.0));
  EXPECT_NEAR(moments[3] / count, 3.0, unit * std::sqrt(96.0));
}

// A change of these bits changes every trajectory: it needs a new algorithm revision.
TEST(RandomStream, FixedKey_FixedBits) {
  RandomStream stream(42, 1, 2, Draw::kFrame);
  EXPECT_EQ(std::bit_cast<uint64_t>(stream.Uniform()), 0x3fd05b91a131e6fcULL);
  EXPECT_EQ(std::bit_cast<uint64_t>(stream.Normal()), 0x3fd730c0f5ef2353ULL);
  EXPECT_EQ(std::bit_cast<uint64_t>(stream.Normal()), 0x3ff4f65f90f3dca4ULL);
}

}  // namespace
}  // namespace polystep
