#include "client/examples/rl/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "client/examples/rl/cart_pole.h"

namespace polystep::rl {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// Looks at the angle and its velocity alone, as do people; for CartPole.
std::vector<float> Balancing() {
  std::vector<float> parameters(114, 0.0f);
  const std::array<float, 4> wanted = {0.02f, 0.06f, 0.4f, 0.2f};
  for (int i = 0; i < 4; ++i) parameters[i] = wanted[i] * CartPole::kUnits[i];
  parameters[80 + Policy::kHidden] = 1.0f;
  return parameters;
}

TEST(Task_Test, Returns_BalancingPolicy_ReachesTheHorizon) {
  const Task task = {TaskKind::kCartPole, PolicyKind::kFloat};
  EXPECT_THAT(Returns(task, Balancing(), {.seed = 3, .count = 20}), Each(500.0));
  EXPECT_EQ(task.largest_return(), 500.0);
}

TEST(Task_Test, Returns_ConstantPolicy_FallsSoon) {
  const Task task = {TaskKind::kCartPole, PolicyKind::kFloat};
  const double mean = Mean(Returns(task, std::vector<float>(114, 0.0f), {.seed = 3, .count = 50}));
  EXPECT_GT(mean, 8.0);
  EXPECT_LT(mean, 11.0);
}

TEST(Task_Test, Returns_RestingAcrobot_PaysForEveryStep) {
  const Task task = {TaskKind::kAcrobot, PolicyKind::kFloat};
  std::vector<float> parameters(163, 0.0f);
  parameters[161] = 1.0f;  // no torque
  EXPECT_THAT(Returns(task, parameters, {.seed = 1, .count = 3}), Each(-500.0));
}

TEST(Task_Test, Returns_Seeds_DecideTheEpisodes) {
  const Task task = {TaskKind::kCartPole, PolicyKind::kFloat};
  const std::vector<float> parameters(114, 0.0f);
  const std::vector<double> few = Returns(task, parameters, {.seed = 5, .count = 10});
  std::vector<double> more = Returns(task, parameters, {.seed = 5, .count = 20});
  more.resize(10);
  EXPECT_EQ(few, more);
  EXPECT_NE(few, Returns(task, parameters, {.seed = 6, .count = 10}));
  EXPECT_NE(few, Returns(task, parameters, {.seed = 5, .count = 10, .set = EpisodeSet::kTest}));
}

TEST(Task_Test, Task_PapersBudgets_AreThere) {
  EXPECT_EQ((Task{TaskKind::kCartPole, PolicyKind::kFloat}.episodes()), 32);
  EXPECT_EQ((Task{TaskKind::kCartPole, PolicyKind::kBinary}.episodes()), 16);
  EXPECT_EQ((Task{TaskKind::kAcrobot, PolicyKind::kFloat}.episodes()), 16);
  EXPECT_EQ((Task{TaskKind::kCartPole, PolicyKind::kInt8}.evaluations()), 3216);
  EXPECT_EQ((Task{TaskKind::kAcrobot, PolicyKind::kInt8}.evaluations()), 9600);
  EXPECT_EQ((Task{TaskKind::kAcrobot, PolicyKind::kInt8}.name()), "acrobot-int8");
}

TEST(Task_Test, MeanAndDeviation_OfValues_AreTheSamples) {
  const std::vector<double> values = {1.0, 2.0, 6.0};
  EXPECT_DOUBLE_EQ(Mean(values), 3.0);
  EXPECT_DOUBLE_EQ(StandardDeviation(values), std::sqrt(7.0));
  EXPECT_EQ(Mean({}), 0.0);
  EXPECT_EQ(StandardDeviation({1.0}), 0.0);
}

}  // namespace
}  // namespace polystep::rl
