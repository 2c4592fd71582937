#include "core/random/pseudo_normal.h"

#include <gtest/gtest.h>

#include <cmath>

namespace polystep {
namespace {

TEST(PseudoNormal, Moments_AreThoseOfEightBytes) {
  constexpr int kCount = 400'000;
  double sum = 0.0;
  double squares = 0.0;
  double fourth = 0.0;
  for (uint32_t i = 0; i < kCount; ++i) {
    const double x = PseudoNormal(42, i % 8, i) / kPseudoNormalDeviation;
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / kCount, 0.0, 4.0 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1.0, 4.0 * std::sqrt(2.0 / kCount));
  // A sum of eight uniform numbers: 3 - 1.2 / 8.
  EXPECT_NEAR(fourth / kCount, 2.85, 0.06);
}

TEST(PseudoNormal, Directions_AreNearlyOrthogonal) {
  constexpr uint32_t kSize = 4096;
  for (uint32_t a = 0; a < 4; ++a) {
    for (uint32_t b = 0; b < a; ++b) {
      double dot = 0.0;
      for (uint32_t i = 0; i < kSize; ++i) {
        dot += double{1} * PseudoNormal(7, a, i) * PseudoNormal(7, b, i);
      }
      EXPECT_LT(std::fabs(dot / (kPseudoNormalDeviation * kPseudoNormalDeviation)),
                4.0 * std::sqrt(kSize));
    }
  }
}

TEST(PseudoNormal, Seeds_GiveOtherNumbers) {
  int equal = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    equal += PseudoNormal(1, 0, i) == PseudoNormal(2, 0, i) ? 1 : 0;
  }
  EXPECT_LT(equal, 20);  // 1 in 741 by chance
}

}  // namespace
}  // namespace polystep
