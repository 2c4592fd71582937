#include "client/examples/rl/policy.h"

#include <gtest/gtest.h>

#include <vector>

namespace polystep::rl {
namespace {

constexpr PolicyShape kShape = {4, 2};
constexpr int kOutputs = Policy::kHidden * 4 + Policy::kHidden;  // place of the output weights

std::vector<float> Zeros() {
  return std::vector<float>(static_cast<size_t>(Policy::ParameterCount(kShape)), 0.0f);
}

TEST(Policy_Test, ParameterCount_Shapes_CountAllArrays) {
  EXPECT_EQ(Policy::ParameterCount({4, 2}), 114);
  EXPECT_EQ(Policy::ParameterCount({6, 3}), 163);
}

TEST(Policy_Test, Act_EqualOutputs_TakesTheFirst) {
  EXPECT_EQ(Policy(PolicyKind::kFloat, kShape, Zeros()).Act({1.0f, 2.0f, 3.0f, 4.0f}), 0);
}

// One hidden unit looks at one observation, one output at it: where each array lies.
TEST(Policy_Test, Act_OneChain_FollowsItsObservation) {
  for (int unit : {0, 7, 15}) {
    for (int observation = 0; observation < 4; ++observation) {
      std::vector<float> parameters = Zeros();
      parameters[unit * 4 + observation] = 2.0f;
      parameters[kOutputs + Policy::kHidden + unit] = 1.0f;
      const Policy policy(PolicyKind::kFloat, kShape, parameters);
      std::vector<float> seen = {-1.0f, -1.0f, -1.0f, -1.0f};
      EXPECT_EQ(policy.Act(seen), 0);
      seen[observation] = 1.0f;
      EXPECT_EQ(policy.Act(seen), 1);
    }
  }
}

TEST(Policy_Test, Act_Biases_MoveBothLayers) {
  std::vector<float> parameters = Zeros();
  parameters[0] = 1.0f;                           // unit 0 sees observation 0
  parameters[4 * Policy::kHidden] = 0.5f;         // above -0.5
  parameters[kOutputs + Policy::kHidden] = 1.0f;  // action 1 wants it
  const Policy unit(PolicyKind::kFloat, kShape, parameters);
  EXPECT_EQ(unit.Act({-0.49f, 0.0f, 0.0f, 0.0f}), 1);
  EXPECT_EQ(unit.Act({-0.51f, 0.0f, 0.0f, 0.0f}), 0);
  parameters.back() = 0.1f;
  EXPECT_EQ(Policy(PolicyKind::kFloat, kShape, parameters).Act({-0.51f, 0.0f, 0.0f, 0.0f}), 1);
}

// tanh(0.5) + tanh(0.5) is above tanh(2): a linear unit would say otherwise.
TEST(Policy_Test, Act_FloatUnits_AreTanh) {
  std::vector<float> parameters = Zeros();
  parameters[0] = 2.0f;
  parameters[1 * 4 + 1] = 0.5f;
  parameters[2 * 4 + 1] = 0.6f;
  parameters[kOutputs] = 1.0f;
  parameters[kOutputs + Policy::kHidden + 1] = 1.0f;
  parameters[kOutputs + Policy::kHidden + 2] = 1.0f;
  EXPECT_EQ(Policy(PolicyKind::kFloat, kShape, parameters).Act({1.0f, 1.0f, 0.0f, 0.0f}), 1);
}

// Of 127, 0.4 rounds to nothing, 0.6 to one.
TEST(Policy_Test, Int8_SmallBesideTheLargest_IsRounded) {
  for (const auto& [small, action] : {std::pair{0.4f, 0}, std::pair{0.6f, 1}}) {
    std::vector<float> parameters = Zeros();
    parameters[0] = small;
    parameters[1 * 4 + 1] = 127.0f;
    parameters[kOutputs + Policy::kHidden] = 1.0f;
    EXPECT_EQ(Policy(PolicyKind::kInt8, kShape, parameters).Act({1.0f, 0.0f, 0.0f, 0.0f}), action);
    EXPECT_EQ(Policy(PolicyKind::kFloat, kShape, parameters).Act({1.0f, 0.0f, 0.0f, 0.0f}), 1);
  }
}

TEST(Policy_Test, Binary_MagnitudesOfWeights_DoNotMatter) {
  std::vector<float> small = Zeros();
  std::vector<float> large = Zeros();
  for (size_t i = 0; i < small.size(); ++i) {
    const bool bias = (i >= 64 && i < 80) || i >= 112;
    small[i] = bias ? 0.25f * static_cast<float>(i % 5) - 0.5f : (i % 3 == 0 ? 0.01f : -0.02f);
    large[i] = bias ? small[i] : 300.0f * small[i];
  }
  const Policy first(PolicyKind::kBinary, kShape, small);
  const Policy second(PolicyKind::kBinary, kShape, large);
  int ones = 0;
  for (int n = 0; n < 81; ++n) {
    const auto level = [n](int place) { return 0.4f * static_cast<float>(n / place % 3 - 1); };
    const std::vector<float> seen = {level(1), level(3), level(9), level(27)};
    EXPECT_EQ(first.Act(seen), second.Act(seen));
    ones += first.Act(seen);
  }
  EXPECT_GT(ones, 0);
  EXPECT_LT(ones, 81);
}

}  // namespace
}  // namespace polystep::rl
