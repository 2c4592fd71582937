#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "client/examples/nets/attention.h"
#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/lane_math.h"
#include "client/examples/nets/quantise.h"
#include "client/examples/nets/staircase.h"

namespace polystep::nets {
namespace {

TEST(LaneMathTest, Exp_IsCloseAndBoundedBelow) {
  for (double x = -87.0; x <= 0.0; x += 0.00390625) {
    EXPECT_NEAR(LaneExp(static_cast<float>(x)), std::exp(x), 2e-7 * std::exp(x));
  }
  EXPECT_EQ(LaneExp(0.0f), 1.0f);
  EXPECT_EQ(LaneExp(-std::numeric_limits<float>::infinity()), LaneExp(-87.0f));
}

TEST(LaneMathTest, Log_IsClose) {
  for (double x = 1e-30; x < 1e30; x *= 1.01) {
    const auto value = static_cast<float>(x);
    const double expected = std::log(static_cast<double>(value));
    EXPECT_NEAR(LaneLog(value), expected, 2e-7 * std::max(1.0, std::abs(expected)));
  }
  EXPECT_EQ(LaneLog(1.0f), 0.0f);
}

// Products of 24 bits each: rounded before they are added, half of the sums would differ.
TEST(DenseTest, EveryForm_RoundsOnceForEachInput) {
  constexpr size_t kInputs = 37;
  std::vector<std::vector<float>> rows(kRowsTogether, std::vector<float>(kInputs + 1));
  std::vector<const float*> pointers;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i <= kInputs; ++i) {
      rows[r][i] = std::sin(static_cast<float>(r * kInputs + i));
    }
    pointers.push_back(rows[r].data());
  }
  Aligned<float> x(kInputs * kBlock);
  for (size_t n = 0; n < x.size(); ++n) x[n] = std::cos(static_cast<float>(n));
  for (const DenseKernel kernel : DenseKernels()) {
    for (size_t count = 1; count <= kRowsTogether; ++count) {
      Aligned<float> out(kRowsTogether * kBlock);
      kernel({pointers.data(), count, kInputs, x.data(), out.data()});
      for (size_t r = 0; r < count; ++r) {
        for (size_t s = 0; s < kBlock; ++s) {
          float sum = 0.0f;
          for (size_t i = 0; i < kInputs; ++i) sum = std::fma(rows[r][i], x[i * kBlock + s], sum);
          ASSERT_EQ(out[r * kBlock + s], sum + rows[r][kInputs]) << "row " << r << " sample " << s;
        }
      }
    }
  }
}

TEST(QuantiseTest, Quantised_IsAWholeNumberOfHundredthsInEightBits) {
  EXPECT_EQ(Quantised(0.0f), 0.0f);
  EXPECT_EQ(Quantised(0.014f), 0.01f);
  EXPECT_EQ(Quantised(-0.016f), -0.02f);
  EXPECT_EQ(Quantised(1.27f), 0.01f * 127.0f);
  EXPECT_EQ(Quantised(5.0f), 0.01f * 127.0f);
  EXPECT_EQ(Quantised(-1.28f), 0.01f * -128.0f);
  EXPECT_EQ(Quantised(-5.0f), 0.01f * -128.0f);
  for (int n = -4000; n <= 4000; ++n) {
    const float weight = 0.000375f * static_cast<float>(n);
    const float rounded = std::nearbyint(weight / 0.01f);
    EXPECT_EQ(Quantised(weight), 0.01f * std::clamp(rounded, -128.0f, 127.0f)) << weight;
  }
}

TEST(CrossEntropyTest, RightAnswers_OfEqualLogits_TheFirstIsTheAnswer) {
  alignas(64) std::array<float, kClasses * kBlock> logits{};
  std::array<int32_t, kBlock> labels{};
  labels[1] = 1;
  EXPECT_EQ(RightAnswers(logits.data(), labels.data(), 3), 2u);
  logits[1 * kBlock + 1] = 1.0f;
  EXPECT_EQ(RightAnswers(logits.data(), labels.data(), 3), 3u);
}

TEST(CrossEntropyTest, CrossEntropy_OfFarApartLogits_IsFinite) {
  alignas(64) std::array<float, kClasses * kBlock> logits{};
  alignas(64) std::array<float, kBlock> losses{};
  std::array<int32_t, kBlock> labels{};
  logits[0] = -1000.0f;
  CrossEntropy(logits.data(), labels.data(), losses.data());
  EXPECT_NEAR(losses[0], 1000.0 + std::log(9.0), 1e-3);
  EXPECT_NEAR(losses[1], std::log(10.0), 1e-6);
}

TEST(AttentionTest, PickSlots_OfEqualScores_TakesTheFirst) {
  alignas(64) std::array<double, kSlots * kBlock> scores{};
  std::array<int32_t, kBlock> slots{};
  scores[2 * kBlock] = scores[5 * kBlock] = 1.0;
  PickSlots(scores.data(), slots.data());
  EXPECT_EQ(slots[0], 2);
  EXPECT_EQ(slots[1], 0);
}

TEST(StaircaseTest, Levels_AreThoseOfTheSigmoid) {
  for (float x = -8.0f; x < 8.0f; x += 0.01171875f) {
    int32_t level = -1;
    Levels(&x, 1, &level);
    EXPECT_EQ(level, static_cast<int32_t>(std::floor(5.0 / (1.0 + std::exp(-x))))) << x;
  }
}

TEST(StaircaseTest, FixedStairWeight_RoundsAndIsBounded) {
  EXPECT_EQ(FixedStairWeight(1.0f), 1 << 18);
  EXPECT_EQ(FixedStairWeight(-0x1.8p-18f), -2);
  EXPECT_EQ(FixedStairWeight(1e9f), FixedStairWeight(15.75f));
  EXPECT_LE(int64_t{FixedStairWeight(1e9f)} * 4 * 128, std::numeric_limits<int32_t>::max());
}

}  // namespace
}  // namespace polystep::nets
