#include "core/method/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace polystep {
namespace {

TEST(Adam, FirstMove_IsTheRateWhateverTheLength) {
  for (float length : {1e-3F, 1.0F, 1e3F}) {
    Adam adam({}, 2);
    std::vector<double> point = {1.0, -1.0};
    adam.BeginStep();
    adam.Move(0, std::vector<float>{length, -length}, 0.25, absl::MakeSpan(point));
    EXPECT_NEAR(point[0], 1.25, 1e-4);
    EXPECT_NEAR(point[1], -1.25, 1e-4);
  }
}

TEST(Adam, Moves_AreThoseOfTheEquations) {
  Adam adam({0.9, 0.99}, 3);
  std::vector<double> point(3, 0.0);
  double m = 0.0;
  double v = 0.0;
  double x = 0.0;
  for (int t = 1; t <= 20; ++t) {
    const double g = std::sin(t);
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    x += 0.1 * (m / (1.0 - std::pow(0.9, t))) / (std::sqrt(v / (1.0 - std::pow(0.99, t))) + 1e-8);
    adam.BeginStep();
    adam.Move(1, std::vector<float>{static_cast<float>(g)}, 0.1,
              absl::MakeSpan(point).subspan(1, 1));
    EXPECT_NEAR(point[1], x, 1e-5) << t;
  }
  EXPECT_EQ(point[0], 0.0);
  EXPECT_EQ(point[2], 0.0);
}

TEST(Adam, RestoredState_GoesOnWithTheSameBits) {
  Adam adam({}, 2);
  std::vector<double> point = {0.0, 0.0};
  const auto step = [](Adam& a, std::vector<double>& p, float g) {
    a.BeginStep();
    a.Move(0, std::vector<float>{g, 0.3F * g}, 0.1, absl::MakeSpan(p));
  };
  for (int t = 0; t < 5; ++t) step(adam, point, static_cast<float>(t) - 1.5F);
  ByteWriter writer;
  adam.Save(writer);
  Adam other({}, 2);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(other.Restore(reader));
  std::vector<double> copy = point;
  step(adam, point, 0.7F);
  step(other, copy, 0.7F);
  EXPECT_EQ(point, copy);

  Adam smaller({}, 1);
  ByteReader again(writer.bytes());
  EXPECT_FALSE(smaller.Restore(again));
}

}  // namespace
}  // namespace polystep
