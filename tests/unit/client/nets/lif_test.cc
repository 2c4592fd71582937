#include "client/examples/nets/lif.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep::nets {
namespace {

// The spikes of one neuron, step after step.
template <typename Current>
std::vector<bool> Spikes(const Current& current) {
  std::vector<bool> spikes;
  float v = 0.0f;
  for (size_t t = 0; t < kSteps; ++t) {
    v = 0.95f * v + current(t);
    spikes.push_back(v >= 1.0f);
    if (v >= 1.0f) v = 0.0f;
  }
  return spikes;
}

TEST(LifTest, ConstantCurrents_FireEveryPeriod) {
  RandomStream stream(7, 0, 0, Draw::kJitter);
  std::vector<float> currents = {1.0f, std::nextafter(1.0f, 0.0f), 0.0f, -3.0f, 5.0f, NAN};
  while (currents.size() < 4096) {
    currents.push_back(static_cast<float>(std::exp(4.0 * stream.Uniform() - 3.5)));
  }
  std::vector<int32_t> periods(currents.size());
  LifPeriods(currents.data(), currents.size(), periods.data());
  for (size_t n = 0; n < currents.size(); ++n) {
    const std::vector<bool> spikes = Spikes([&](size_t) { return currents[n]; });
    for (size_t t = 0; t < kSteps; ++t) {
      const bool expected = (static_cast<int32_t>(t) + 1) % periods[n] == 0;
      ASSERT_EQ(spikes[t], expected) << currents[n] << " at step " << t;
    }
  }
}

TEST(LifTest, ChangingCurrents_GiveThePowersOfTheSpikes) {
  RandomStream stream(8, 0, 0, Draw::kJitter);
  alignas(64) std::array<int32_t, kCurrents> currents{};
  for (int32_t& current : currents) current = FixedWeight(static_cast<float>(stream.Normal()));
  alignas(64) std::array<float, kLifLanes> start{}, powers{};
  start.fill(static_cast<float>(std::exp(-15.0)));
  start[3] = 0.0f;
  LifFire(currents.data(), start.data(), powers.data());
  for (size_t lane = 0; lane < kLifLanes; ++lane) {
    int count = 0;
    for (bool spike : Spikes([&](size_t t) {
           return static_cast<float>(currents[t * kLifLanes + lane]) * 0x1p-20f;
         })) {
      count += spike ? 1 : 0;
    }
    const double expected = lane == 3 ? 0.0 : std::exp(count - 15.0);
    EXPECT_NEAR(powers[lane], expected, 2e-6 * expected);
  }
}

TEST(LifTest, FixedWeight_RoundsAndIsBounded) {
  EXPECT_EQ(FixedWeight(0.0f), 0);
  EXPECT_EQ(FixedWeight(1.0f), 1 << 20);
  EXPECT_EQ(FixedWeight(-0x1.8p-20f), -2);
  EXPECT_EQ(FixedWeight(0x1.2p-20f), 1);
  EXPECT_EQ(FixedWeight(1e9f), FixedWeight(15.75f));
  EXPECT_EQ(FixedWeight(-1e9f), -FixedWeight(15.75f));
}

}  // namespace
}  // namespace polystep::nets
