// Group schedules. The progressive schedule belongs to the Sinkhorn solver, which is no part of
// this service.
#include <gtest/gtest.h>

#include <string>

#include "core/schedule/schedule.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

TEST(GoldenSchedules, LinearAndCosine_SameValues) {
  int cases = 0;
  for (const auto& golden : GoldenGroup("schedules")) {
    const std::string kind = golden.at("kind").get<std::string>();
    if (kind == "progressive_defaults") continue;
    SCOPED_TRACE(kind);
    Schedule schedule;
    schedule.kind =
        kind.rfind("linear", 0) == 0 ? Schedule::Kind::kLinear : Schedule::Kind::kCosine;
    schedule.initial = golden.at("init").get<double>();
    schedule.target = golden.at("target").get<double>();
    schedule.decay = golden.value("decay", 0.01);  // the reference's default
    schedule.total_steps = golden.value("total_steps", 0);
    schedule.restart_multiplier = golden.value("restart_mult", 1.0);
    for (const auto& pair : golden.at("values")) {
      const auto t = pair.at(0).get<int64_t>();
      EXPECT_NEAR(schedule.At(t), pair.at(1).get<double>(), kGoldenTolerance) << "t = " << t;
    }
    ++cases;
  }
  EXPECT_EQ(cases, 6);
}

}  // namespace
}  // namespace polystep
