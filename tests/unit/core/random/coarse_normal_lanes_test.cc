#include "core/random/coarse_normal_lanes.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/random/philox.h"

namespace polystep {
namespace {

constexpr size_t kCount = 135;  // of blocks of 16 coordinates
constexpr RowStreams kStreams = {0x123456789abcdefULL, (uint64_t{5} << 32) + 7, 0xfffffff8U,
                                 Draw::kRotation};

// After the reference implementation by its authors.
class Xoshiro128Plus {
 public:
  explicit Xoshiro128Plus(const uint32_t (&seed)[4]) : state_{seed[0], seed[1], seed[2], seed[3]} {}

  uint32_t Next() {
    const uint32_t result = state_[0] + state_[3];
    const uint32_t shifted = state_[1] << 9;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 11);
    return result;
  }

 private:
  std::array<uint32_t, 4> state_;
};

TEST(CoarseNormalKernels, EveryForm_SameBits) {
  std::vector<double> expected(kCount * kLanes);
  CoarseNormalKernels().back()(kStreams, kCount, expected.data());
  for (const CoarseNormalKernel kernel : CoarseNormalKernels()) {
    std::vector<double> normals(kCount * kLanes);
    kernel(kStreams, kCount, normals.data());
    for (size_t n = 0; n < normals.size(); ++n) {
      ASSERT_EQ(std::bit_cast<uint64_t>(normals[n]), std::bit_cast<uint64_t>(expected[n]));
    }
  }
}

TEST(CoarseNormalLanes, WordsOfTheGenerator_TheirQuantiles) {
  std::vector<double> normals(kCount * kLanes);
  RowStreams streams = kStreams;
  for (streams.step = 0; streams.step < 50; ++streams.step) {
    CoarseNormalLanes(streams, kCount, normals.data());
    for (size_t l = 0; l < kLanes; ++l) {
      uint32_t seed[4] = {0, streams.first_row + static_cast<uint32_t>(l),
                          static_cast<uint32_t>(streams.step),
                          philox::HighWord(streams.step, static_cast<uint32_t>(streams.draw))};
      uint32_t key[2] = {static_cast<uint32_t>(streams.seed),
                         static_cast<uint32_t>(streams.seed >> 32)};
      philox::Rounds<7>(seed, key);
      Xoshiro128Plus words(seed);
      for (size_t n = 0; n < kCount; ++n) {
        const uint32_t word = words.Next();
        const double x = normals[n * kLanes + l];
        const double magnitude = (word >> 31) != 0 ? -x : x;
        const double beyond = static_cast<double>((word & 0x7fffffff) | 1) * 0x1p-31;
        // P(|X| > magnitude) has the slope -2 density(magnitude) there.
        const double density = 0.3989422804 * std::exp(-0.5 * magnitude * magnitude);
        const double off = (std::erfc(magnitude / std::sqrt(2.0)) - beyond) / (2.0 * density);
        ASSERT_LT(std::fabs(off), 4e-5) << x;
      }
    }
  }
}

// To five standard errors.
TEST(CoarseNormalLanes, ManyRows_MomentsOfIndependentNormals) {
  constexpr uint32_t kRows = 8'000;
  std::array<double, 4> moments = {};
  double neighbours = 0.0;
  double squares = 0.0;
  double lanes = 0.0;
  std::vector<double> normals(kCount * kLanes);
  for (uint32_t row = 0; row < kRows; row += kLanes) {
    CoarseNormalLanes({17, 3, row, Draw::kRotation}, kCount, normals.data());
    for (size_t n = 0; n < normals.size(); ++n) {
      const double x = normals[n];
      const double next = normals[(n + kLanes) % normals.size()];
      const double square = x * x;
      moments[0] += x;
      moments[1] += square;
      moments[2] += square * x;
      moments[3] += square * square;
      neighbours += x * next;
      squares += (square - 1.0) * (next * next - 1.0);
      lanes += x * normals[(n + 1) % normals.size()];
    }
  }
  const double count = double{kRows} * kCount;
  const double error = 5.0 / std::sqrt(count);
  EXPECT_NEAR(moments[0] / count, 0.0, error);
  EXPECT_NEAR(moments[1] / count, 1.0, error * std::sqrt(2.0));
  EXPECT_NEAR(moments[2] / count, 0.0, error * std::sqrt(15.0));
  EXPECT_NEAR(moments[3] / count, 3.0, error * std::sqrt(96.0));
  EXPECT_NEAR(neighbours / count, 0.0, error);
  EXPECT_NEAR(squares / count, 0.0, error * 2.0);
  EXPECT_NEAR(lanes / count, 0.0, error);
}

}  // namespace
}  // namespace polystep
