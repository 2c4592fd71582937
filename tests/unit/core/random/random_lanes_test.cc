#include "core/random/random_lanes.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr RowStreams kStreams = {0x123456789abcdefULL, (uint64_t{5} << 32) + 7, 0xfffffff8U,
                                 Draw::kRotation};

RandomStream StreamOf(size_t lane) {
  return RandomStream(kStreams.seed, kStreams.step,
                      kStreams.first_row + static_cast<uint32_t>(lane), kStreams.draw);
}

TEST(NormalLanes, OddAndEvenCounts_BitsOfTheStreams) {
  for (const size_t count : {1u, 2u, 9u, 4001u}) {
    std::vector<double> normals((count + 1) * kLanes);
    NormalLanes(kStreams, count, normals.data());
    for (size_t l = 0; l < kLanes; ++l) {
      RandomStream stream = StreamOf(l);
      for (size_t n = 0; n < count; ++n) {
        ASSERT_EQ(std::bit_cast<uint64_t>(normals[n * kLanes + l]),
                  std::bit_cast<uint64_t>(stream.Normal()));
      }
    }
  }
}

TEST(FirstTurnLanes, ManySteps_BitsOfTheStreams) {
  double sin[kLanes];
  double cos[kLanes];
  RowStreams streams = kStreams;
  for (streams.step = 0; streams.step < 2000; ++streams.step) {
    FirstTurnLanes(streams, sin, cos);
    for (size_t l = 0; l < kLanes; ++l) {
      RandomStream stream(streams.seed, streams.step, streams.first_row + static_cast<uint32_t>(l),
                          streams.draw);
      const SinCos turn = PortableSinCosTurns(stream.Uniform());
      ASSERT_EQ(std::bit_cast<uint64_t>(sin[l]), std::bit_cast<uint64_t>(turn.sin));
      ASSERT_EQ(std::bit_cast<uint64_t>(cos[l]), std::bit_cast<uint64_t>(turn.cos));
    }
  }
}

}  // namespace
}  // namespace polystep
