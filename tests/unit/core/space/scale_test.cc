#include "core/space/scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

TEST(Scale, Ends_AreExactOnEveryScale) {
  for (Scale scale : {Scale::kLinear, Scale::kLog, Scale::kReverseLog, Scale::kLogit}) {
    const ScaledRange range{scale, 0.1, 0.7};
    EXPECT_EQ(FromUnit(range, 0.0), 0.1);
    EXPECT_EQ(FromUnit(range, 1.0), 0.7);
    EXPECT_EQ(FromUnit(range, -3.0), 0.1);
    EXPECT_EQ(FromUnit(range, 9.0), 0.7);
    EXPECT_EQ(FromUnit(range, std::nan("")), 0.1);
    EXPECT_EQ(ToUnit(range, 0.1), 0.0);
    EXPECT_EQ(ToUnit(range, 0.7), 1.0);
  }
}

TEST(Scale, Middle_IsWhatTheScaleSays) {
  EXPECT_DOUBLE_EQ(FromUnit({Scale::kLinear, -1.0, 3.0}, 0.5), 1.0);
  EXPECT_NEAR(FromUnit({Scale::kLog, 1e-4, 1e2}, 0.5), 0.1, 1e-15);
  EXPECT_NEAR(FromUnit({Scale::kReverseLog, 1.0, 100.0}, 0.5), 91.0, 1e-12);
  EXPECT_NEAR(FromUnit({Scale::kLogit, 0.01, 0.99}, 0.5), 0.5, 1e-15);
}

TEST(Scale, RangeAsWideAsADouble_DoesNotOverflow) {
  const double huge = std::numeric_limits<double>::max();
  const ScaledRange range{Scale::kLinear, -huge, huge};
  EXPECT_NEAR(FromUnit(range, 0.5), 0.0, huge * 1e-15);
  EXPECT_DOUBLE_EQ(ToUnit(range, 0.0), 0.5);
  EXPECT_DOUBLE_EQ(ToUnit(range, FromUnit(range, 0.25)), 0.25);
}

TEST(Scale, RandomRanges_AreMonotoneInsideAndInvertible) {
  RandomStream stream(7, 0, 0, Draw::kInitial);
  for (int n = 0; n < 2000; ++n) {
    ScaledRange range;
    range.scale = static_cast<Scale>(n % 4);
    range.min = 0.001 + 0.4 * stream.Uniform();
    range.max = range.min + 1e-6 + 0.5 * stream.Uniform();
    SCOPED_TRACE(testing::Message() << n << " [" << range.min << ", " << range.max << "]");
    double before = range.min;
    for (double unit = 0.0; unit <= 1.0; unit += 0.0625) {
      const double value = FromUnit(range, unit);
      EXPECT_GE(value, before - 1e-15);
      EXPECT_LE(value, range.max);
      EXPECT_NEAR(ToUnit(range, value), unit, 1e-8);
      before = value;
    }
  }
}

}  // namespace
}  // namespace polystep
