// Group schedules, and the momentum's schedule of group momentum.
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

TEST(GoldenMomentum, Ramp_SameValues) {
  const auto& golden = GoldenGroup("momentum");
  Schedule schedule;
  schedule.kind = Schedule::Kind::kRamp;
  schedule.initial = 0.5;
  schedule.target = 0.95;
  for (const auto& [key, steps] :
       {std::pair{"beta_schedule", 11}, {"beta_when_max_iterations_50", 50}}) {
    schedule.total_steps = steps;
    for (const auto& point : golden.at(key)) {
      EXPECT_NEAR(schedule.At(point.at("t").get<int64_t>()), point.at("beta").get<double>(),
                  kGoldenTolerance);
    }
  }
}

}  // namespace
}  // namespace polystep
