#include "core/space/coordinate_runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/space/search_space.h"

namespace polystep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(CoordinateRuns, EqualNeighbours_AreOneRun) {
  const Coordinate a{0.0, 1.0, 0.0, 1.0};
  const Coordinate b{0.0, 1.0, 0.5, 1.0};
  CoordinateRuns runs;
  EXPECT_EQ(runs.size(), 0u);
  runs.Append(2, a);
  runs.Append(1, a);
  runs.Append(4, b);
  runs.Append(1, a);
  ASSERT_EQ(runs.runs().size(), 3u);
  EXPECT_EQ(runs.size(), 8u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(runs[i], i < 3 || i == 7 ? a : b) << i;
    EXPECT_EQ(runs.RunOf(i), i < 3 ? 0u : i < 7 ? 1u : 2u) << i;
  }
}

TEST(CoordinateRuns, TensorOfTenMillion_IsOneRun) {
  const auto space =
      SearchSpace::Create({}, {{"w", {10, 1'000'000}, TensorKind::kReal, {}, {}, {}}});
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_EQ(space->coordinates().runs().size(), 1u);
  EXPECT_EQ(space->dimension(), 10'000'000);
}

// Any part of the coordinates, across the ends of runs, as one by one.
TEST(CoordinateRuns, Clamp_TakesEveryRunsBounds) {
  const auto space = SearchSpace::Create({{"x", BooleanDomain{}}},
                                         {{"a", {3}, TensorKind::kReal, -1.0, 2.0, {}},
                                          {"b", {4}, TensorKind::kReal, {}, {}, {}},
                                          {"c", {2}, TensorKind::kInteger, 0.0, 9.0, {}}});
  ASSERT_TRUE(space.ok()) << space.status();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> far = {5.0,  nan,       3.0, 0.5,  -kInfinity,
                                   1e30, kInfinity, nan, -7.0, 30.0};
  const double largest = std::numeric_limits<double>::max();
  const std::vector<double> near = {1.0, -1.0, 2.0, 0.5, -largest, 1e30, largest, 0.0, -0.5, 9.5};
  for (size_t first = 0; first <= far.size(); ++first) {
    for (size_t end = first; end <= far.size(); ++end) {
      std::vector<double> part(far.begin() + first, far.begin() + end);
      space->Clamp(static_cast<int64_t>(first), absl::MakeSpan(part));
      EXPECT_EQ(part, std::vector<double>(near.begin() + first, near.begin() + end));
    }
  }
}

}  // namespace
}  // namespace polystep
