#include "core/method/radius_control.h"

#include <gtest/gtest.h>

namespace polystep {
namespace {

TEST(RadiusMultiplier, Schedule_StaysOne) {
  RadiusMultiplier radius(RadiusControl::kSchedule);
  for (const double loss : {5.0, 4.0, 4.0, 9.0}) {
    radius.Arrive(loss);
    radius.Expect(-1.0, loss);
    radius.EndStep(loss);
  }
  EXPECT_EQ(radius.OfSteps(), 1.0);
  EXPECT_EQ(radius.OfProbes(), 1.0);
}

TEST(RadiusMultiplier, Adaptive_TenStagnantStepsWidenStepsAndProbes) {
  RadiusMultiplier radius(RadiusControl::kAdaptive);
  for (int n = 0; n < 10; ++n) radius.EndStep(3.0);
  EXPECT_EQ(radius.OfSteps(), 1.0);
  radius.EndStep(std::nullopt);  // nothing answered: nothing learned
  radius.EndStep(3.0);
  EXPECT_EQ(radius.OfSteps(), 1.5);
  EXPECT_EQ(radius.OfProbes(), 1.5);
  for (int n = 0; n < 100; ++n) radius.EndStep(3.0);
  EXPECT_EQ(radius.OfSteps(), 3.0);
  for (int n = 0; n < 100; ++n) radius.EndStep(2.0 - n);
  EXPECT_EQ(radius.OfSteps(), 0.5);
}

TEST(RadiusMultiplier, TrustRegion_JudgesTheMoveBetweenTwoCenters) {
  RadiusMultiplier radius(RadiusControl::kTrustRegion);
  radius.Arrive(10.0);
  EXPECT_EQ(radius.OfSteps(), 1.0);
  radius.Expect(-2.0, 10.0);
  radius.Arrive(8.1);  // as predicted
  EXPECT_EQ(radius.OfSteps(), 1.5);
  EXPECT_EQ(radius.OfProbes(), 1.0);
  radius.Expect(-2.0, 8.1);
  radius.Arrive(9.0);  // worse
  EXPECT_EQ(radius.OfSteps(), 0.375);
}

TEST(RadiusMultiplier, UnknownCenter_JudgesNothing) {
  RadiusMultiplier radius(RadiusControl::kTrustRegion);
  radius.Expect(-2.0, std::nullopt);
  radius.Arrive(8.0);
  radius.Expect(-2.0, 8.0);
  radius.Arrive(std::nullopt);
  radius.Arrive(20.0);  // two moves later: not the one that was predicted
  EXPECT_EQ(radius.OfSteps(), 1.0);
}

TEST(NextTrustRegion, Multiplier_StaysInItsRange) {
  double multiplier = 1.0;
  for (int n = 0; n < 10; ++n) multiplier = NextTrustRegion(multiplier, -1.0, -1.0);
  EXPECT_EQ(multiplier, 3.0);
  for (int n = 0; n < 10; ++n) multiplier = NextTrustRegion(multiplier, -1.0, 1.0);
  EXPECT_EQ(multiplier, 0.1);
}

}  // namespace
}  // namespace polystep
