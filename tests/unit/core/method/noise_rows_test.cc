#include "core/method/noise_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr size_t kDimension = 4;
constexpr NoiseRows::Limits kLimits{2, 32};

// Rows after 200 steps of four candidates a row whose losses are trend(step) plus noise.
uint32_t RowsAfter(uint32_t rows, const std::function<double(int)>& trend, double noise) {
  NoiseRows control;
  for (int step = 0; step < 200; ++step) {
    std::vector<double> losses;
    for (uint32_t i = 0; i < 4 * rows; ++i) {
      RandomStream stream(3, static_cast<uint64_t>(step), i, Draw::kJitter);
      losses.push_back(trend(step) + noise * stream.Normal());
    }
    const std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
    rows = control.After({step, rows, losses, outcomes}, rows, kDimension, kLimits);
  }
  return rows;
}

TEST(NoiseRows, NothingButNoise_GrowsToTheMost) {
  EXPECT_EQ(RowsAfter(
                2, [](int) { return 5.0; }, 1.0),
            32u);
}

TEST(NoiseRows, ClearProgress_KeepsOrTakesBackTheFewest) {
  const auto progress = [](int step) { return 1e6 - 10.0 * step; };
  EXPECT_EQ(RowsAfter(2, progress, 0.1), 2u);
  EXPECT_EQ(RowsAfter(32, progress, 0.1), 2u);
}

TEST(NoiseRows, NoAnswers_ChangeNothing) {
  NoiseRows control;
  const std::vector<double> losses(8, 1.0);
  const std::vector<Outcome> outcomes(8, Outcome::kMissing);
  for (int step = 0; step < 100; ++step) {
    EXPECT_EQ(control.After({step, 2, losses, outcomes}, 2, kDimension, kLimits), 2u);
  }
}

TEST(NoiseRows, Restored_GoesOnTheSame) {
  NoiseRows control;
  uint32_t rows = 2;
  auto advance = [&](NoiseRows& which, int step) {
    const std::vector<double> losses(8, 1.0 + step % 3);
    const std::vector<Outcome> outcomes(8, Outcome::kLoss);
    return which.After({step, 2, losses, outcomes}, rows, kDimension, kLimits);
  };
  for (int step = 0; step < 37; ++step) rows = advance(control, step);
  ByteWriter writer;
  control.Save(writer);
  const std::string saved = writer.Take();
  NoiseRows restored;
  ByteReader reader(saved);
  ASSERT_TRUE(restored.Restore(reader));
  for (int step = 37; step < 80; ++step) {
    const uint32_t expected = advance(control, step);
    EXPECT_EQ(advance(restored, step), expected);
    rows = expected;
  }
}

}  // namespace
}  // namespace polystep
