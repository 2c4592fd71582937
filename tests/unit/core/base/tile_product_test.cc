#include "core/base/tile_product.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr size_t kRows = 37;
constexpr size_t kStride = 11;

std::vector<double> Random(uint64_t seed, size_t count) {
  RandomStream stream(seed, 0, 0, Draw::kJitter);
  std::vector<double> values(count);
  for (double& value : values) value = stream.Normal() * (stream.Uniform() < 0.1 ? 1e9 : 1.0);
  return values;
}

class TileProductTest : public testing::Test {
 protected:
  const std::vector<double> a_ = Random(1, kRows* kTile);
  const std::vector<double> b_ = Random(2, kRows* kTile);
  const std::vector<double> c_ = Random(3, kStride* kTile);

  // One entry after the other.
  std::vector<double> Expected(double sign) const {
    std::vector<double> c = c_;
    for (size_t i = 0; i < kTile; ++i) {
      for (size_t j = 0; j < kTile; ++j) {
        for (size_t m = 0; m < kRows; ++m) {
          c[i * kStride + j] += sign * (a_[m * kTile + i] * b_[m * kTile + j]);
        }
      }
    }
    return c;
  }
};

TEST_F(TileProductTest, EveryWidth_GivesTheBitsOfSingleEntries) {
  for (const TileProduct& product : AllTileProducts()) {
    std::vector<double> c = c_;
    product.add(kRows, a_.data(), b_.data(), c.data(), kStride);
    EXPECT_EQ(c, Expected(1.0));
    c = c_;
    product.subtract(kRows, a_.data(), b_.data(), c.data(), kStride);
    EXPECT_EQ(c, Expected(-1.0));
  }
}

TEST_F(TileProductTest, CutIntoCalls_GivesTheSameBits) {
  std::vector<double> c = c_;
  for (size_t first : {0u, 10u, 11u}) {
    const size_t rows = first == 0 ? 10 : first == 10 ? 1 : kRows - 11;
    WidestTileProduct().add(rows, a_.data() + first * kTile, b_.data() + first * kTile, c.data(),
                            kStride);
  }
  EXPECT_EQ(c, Expected(1.0));
}

TEST_F(TileProductTest, NoRows_ChangeNothing) {
  std::vector<double> c = c_;
  WidestTileProduct().add(0, a_.data(), b_.data(), c.data(), kStride);
  EXPECT_EQ(c, c_);
}

}  // namespace
}  // namespace polystep
