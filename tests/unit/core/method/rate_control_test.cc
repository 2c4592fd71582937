#include "core/method/rate_control.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

// Directions g = scale (drift + noise) of many coordinates, and the agreement of each with Adam's
// mean.
Agreement Next(Adam& adam, RandomStream& stream, double drift, double scale) {
  std::vector<float> direction(1000);
  for (float& g : direction) g = static_cast<float>(scale * (drift + stream.Normal()));
  std::vector<double> point(direction.size());
  adam.BeginStep();
  return adam.Move(0, direction, 0.1, absl::MakeSpan(point));
}

double FactorAfter(int steps, double drift, double scale) {
  Adam adam({}, 1000);
  RateControl rates(2);
  RandomStream stream(3, 0, 0, Draw::kJitter);
  for (int n = 0; n < steps; ++n) {
    rates.Add(1, Next(adam, stream, drift, scale));
    rates.EndStep();
  }
  EXPECT_EQ(rates.factor(0), 1.0) << "of a group where nothing moved";
  return rates.factor(1);
}

TEST(RateControl, DirectionsThatAgree_GrowTheRate) {
  EXPECT_GT(FactorAfter(100, 0.2, 1.0), 4.0);
  EXPECT_EQ(FactorAfter(100, 0.2, 1.0), FactorAfter(100, 0.2, 1024.0)) << "has no unit";
}

TEST(RateControl, DirectionsOfNoise_HardlyGrowIt) { EXPECT_LT(FactorAfter(200, 0.0, 1.0), 1.7); }

TEST(RateControl, DirectionsThatTurnBack_TakeItBackToOne) {
  RateControl rates(1);
  const auto add = [&](double product, int times) {
    for (int n = 0; n < times; ++n) {
      rates.Add(0, {product, 1.0});
      rates.EndStep();
    }
  };
  add(5.0, 1000);
  EXPECT_EQ(rates.factor(0), 32.0);
  add(-5.0, 10);
  EXPECT_NEAR(rates.mean(), 32.0 * std::exp(-0.6), 1e-9);
  add(-5.0, 1000);
  EXPECT_EQ(rates.factor(0), 1.0);
}

TEST(RateControl, RestoredState_IsTheSame) {
  RateControl rates(2);
  rates.Add(0, {5.0, 1.0});
  rates.EndStep();
  ByteWriter writer;
  rates.Save(writer);
  RateControl other(2);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(other.Restore(reader));
  EXPECT_EQ(other.factor(0), rates.factor(0));
  RateControl smaller(1);
  ByteReader again(writer.bytes());
  EXPECT_FALSE(smaller.Restore(again));
}

}  // namespace
}  // namespace polystep
