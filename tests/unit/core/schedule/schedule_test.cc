#include "core/schedule/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace polystep {
namespace {

constexpr int64_t kFarFuture = std::numeric_limits<int64_t>::max();

TEST(Schedule, Constant_InitialForever) {
  const Schedule schedule{.initial = 0.25, .target = 9.0};
  EXPECT_EQ(schedule.At(0), 0.25);
  EXPECT_EQ(schedule.At(kFarFuture), 0.25);
}

TEST(Schedule, Linear_StopsAtTarget) {
  const Schedule schedule{
      .kind = Schedule::Kind::kLinear, .initial = 1.0, .target = 0.5, .decay = 0.25};
  EXPECT_EQ(schedule.At(1), 0.75);
  EXPECT_EQ(schedule.At(2), 0.5);
  EXPECT_EQ(schedule.At(kFarFuture), 0.5);
}

TEST(Schedule, Cosine_FallsFromInitialToTarget) {
  const Schedule schedule{
      .kind = Schedule::Kind::kCosine, .initial = 4.0, .target = 1.0, .total_steps = 1000};
  EXPECT_EQ(schedule.At(0), 4.0);
  EXPECT_EQ(schedule.At(1000), 1.0);
  EXPECT_EQ(schedule.At(kFarFuture), 1.0);
  for (int64_t t = 1; t <= 1000; ++t) EXPECT_LT(schedule.At(t), schedule.At(t - 1));
}

TEST(Schedule, CosineWithRestarts_StartsOverAfterEachPeriod) {
  const Schedule schedule{.kind = Schedule::Kind::kCosine,
                          .initial = 1.0,
                          .target = 0.0,
                          .total_steps = 4,
                          .restart_multiplier = 1.5};
  for (const int64_t start : {0, 4, 10, 19}) EXPECT_EQ(schedule.At(start), 1.0) << start;
  EXPECT_LT(schedule.At(18), 0.1);
}

TEST(Schedule, ExtremeParameters_StayFinite) {
  for (const double decay : {0.0, -1.0, 1e-300, 1e300}) {
    for (const double multiplier : {1.0, 1.0000001, 1e18, 1e300}) {
      const Schedule schedule{.kind = Schedule::Kind::kCosine,
                              .initial = 1e9,
                              .target = 1e-9,
                              .decay = decay,
                              .restart_multiplier = multiplier};
      for (const int64_t t : {int64_t{0}, int64_t{1}, int64_t{1} << 40, kFarFuture}) {
        const double value = schedule.At(t);
        EXPECT_TRUE(std::isfinite(value));
        EXPECT_GE(value, 1e-9 * (1.0 - 1e-12));
        EXPECT_LE(value, 1e9);
      }
    }
  }
}

}  // namespace
}  // namespace polystep
