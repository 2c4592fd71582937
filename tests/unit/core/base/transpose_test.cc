#include "core/base/transpose.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace polystep {
namespace {

// No two are alike.
std::vector<double> Numbers(size_t count) {
  std::vector<double> numbers(count);
  for (size_t n = 0; n < count; ++n) numbers[n] = 1.0 / static_cast<double>(n + 3);
  return numbers;
}

TEST(RowsToLanes, EveryWidth_EveryNumberInItsLane) {
  for (size_t width = 1; width <= 40; ++width) {
    const std::vector<double> rows = Numbers(width * kTransposedRows);
    std::vector<double> lanes(rows.size() + 1, -1.0);
    RowsToLanes(width, rows.data(), lanes.data());
    for (size_t r = 0; r < kTransposedRows; ++r) {
      for (size_t v = 0; v < width; ++v) {
        ASSERT_EQ(lanes[v * kTransposedRows + r], rows[r * width + v]) << "width " << width;
      }
    }
    ASSERT_EQ(lanes.back(), -1.0) << "width " << width;
  }
}

TEST(AddLanesToRows, EveryWidth_RoundsOnceForEachOperation) {
  for (size_t width = 1; width <= 40; ++width) {
    const std::vector<double> lanes = Numbers(width * kLanes);
    const std::vector<double> before = Numbers(width * kLanes + 1);
    std::vector<double> rows = before;
    AddLanesToRows(width, 0.7, lanes.data(), rows.data());
    for (size_t r = 0; r < kLanes; ++r) {
      for (size_t v = 0; v < width; ++v) {
        const double product = 0.7 * lanes[v * kLanes + r];
        ASSERT_EQ(rows[r * width + v], before[r * width + v] + product) << "width " << width;
      }
    }
    ASSERT_EQ(rows.back(), before.back()) << "width " << width;
  }
}

}  // namespace
}  // namespace polystep
