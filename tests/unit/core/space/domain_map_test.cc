#include "core/space/domain_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace polystep {
namespace {

constexpr double kHuge = std::numeric_limits<double>::max();

TEST(IntegerMap, LinearCells_AreOfEqualWidth) {
  const IntegerDomain domain{-2, 5, Scale::kLinear, {}};
  std::map<int64_t, int> counts;
  for (int n = 0; n < 8000; ++n) ++counts[DecodeInteger(domain, (n + 0.5) / 8000.0)];
  ASSERT_EQ(counts.size(), 8u);
  for (const auto& [value, count] : counts) EXPECT_EQ(count, 1000) << value;
}

TEST(IntegerMap, CurvedScales_ReachEveryValueAndCellWidthsAddUp) {
  for (Scale scale : {Scale::kLinear, Scale::kLog, Scale::kReverseLog}) {
    const IntegerDomain domain{1, 60, scale, {}};
    double total = 0.0;
    for (int64_t value = 1; value <= 60; ++value) {
      EXPECT_EQ(DecodeInteger(domain, EncodeInteger(domain, value)), value);
      total += IntegerCellWidth(domain, value);
    }
    EXPECT_NEAR(total, 1.0, 1e-12);
  }
}

TEST(IntegerMap, WidestRange_StaysInside) {
  const int64_t limit = int64_t{1} << 53;
  const IntegerDomain domain{-limit, limit, Scale::kLinear, {}};
  for (double unit : {-1.0, 0.0, 1e-300, 0.25, 0.5, 1.0 - 1e-16, 1.0, 7.0, std::nan("")}) {
    const int64_t value = DecodeInteger(domain, unit);
    EXPECT_GE(value, -limit);
    EXPECT_LE(value, limit);
    EXPECT_EQ(DecodeInteger(domain, EncodeInteger(domain, value)), value) << unit;
  }
}

TEST(RealMap, UnboundedValue_IsItsOwnCoordinateAndFinite) {
  const RealDomain domain;
  EXPECT_EQ(DecodeReal(domain, -3.25), -3.25);
  EXPECT_EQ(DecodeReal(domain, std::nan("")), 0.0);
  EXPECT_EQ(DecodeReal(domain, std::numeric_limits<double>::infinity()), kHuge);
  EXPECT_FALSE(std::signbit(DecodeReal(domain, -0.0)));
}

TEST(RealMap, EncodedUserValue_DecodesToWithinRounding) {
  for (Scale scale : {Scale::kLinear, Scale::kLog, Scale::kReverseLog}) {
    RealDomain domain;
    domain.min = 1e-6;
    domain.max = 10.0;
    domain.scale = scale;
    for (double value : {1e-6, 1e-3, 0.1, 0.7, 3.0, 9.99, 10.0}) {
      EXPECT_NEAR(DecodeReal(domain, EncodeReal(domain, value)), value, 4e-15 * domain.max.value());
    }
  }
}

TEST(Lattice, IndexOfMiddle_IsTheIndex) {
  for (size_t count : {size_t{1}, size_t{2}, size_t{97}, size_t{10'000}}) {
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(LatticeIndex(count, LatticeMiddle(count, i)), i);
    }
    EXPECT_EQ(LatticeIndex(count, -1.0), 0u);
    EXPECT_EQ(LatticeIndex(count, std::nan("")), 0u);
    EXPECT_EQ(LatticeIndex(count, 1.0), count - 1);
    EXPECT_EQ(LatticeIndex(count, kHuge), count - 1);
  }
}

TEST(Element, BoundsBetweenFloats_AreNeverPassed) {
  TensorSpec tensor;
  tensor.min = 0.1;  // as float it is above, as is the float nearest to 0.7 below
  tensor.max = 0.7;
  for (double coordinate : {-1e9, 0.1, 0.3, 0.7, 1e9, std::nan("")}) {
    const double value = DecodeElement(tensor, coordinate);
    EXPECT_GE(value, 0.1);
    EXPECT_LE(value, 0.7);
  }
  EXPECT_LE(static_cast<double>(FloatAtMost(0.1)), 0.1);
  EXPECT_GE(static_cast<double>(FloatAtLeast(0.7)), 0.7);
}

TEST(Element, IntegerAndBinary_AreRounded) {
  TensorSpec tensor;
  tensor.kind = TensorKind::kInteger;
  tensor.min = -2.0;
  tensor.max = 3.0;
  EXPECT_EQ(DecodeElement(tensor, 1.4), 1.0F);
  EXPECT_EQ(DecodeElement(tensor, 1.5), 2.0F);
  EXPECT_EQ(DecodeElement(tensor, -2.5), -2.0F);
  EXPECT_EQ(DecodeElement(tensor, 3.5), 3.0F);
  EXPECT_EQ(DecodeElement(tensor, std::nan("")), -2.0F);
  tensor.kind = TensorKind::kBinary;
  EXPECT_EQ(DecodeElement(tensor, 0.49), 0.0F);
  EXPECT_EQ(DecodeElement(tensor, 0.5), 1.0F);
}

TEST(Element, UnboundedReal_StaysFiniteAsFloat) {
  TensorSpec tensor;
  EXPECT_TRUE(std::isfinite(DecodeElement(tensor, 1e300)));
  EXPECT_TRUE(std::isfinite(DecodeElement(tensor, -kHuge)));
  EXPECT_EQ(DecodeElement(tensor, std::nan("")), 0.0F);
}

}  // namespace
}  // namespace polystep
