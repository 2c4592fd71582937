// The gradients that the scoreboard's ceiling follows, against differences of losses. Where a
// network has thresholds there is no derivative to compare with: those are checked by descent.
#include "tests/bench/nets/gradients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "client/examples/nets/evaluator.h"
#include "tests/unit/client/nets/small_dataset.h"

namespace polystep::bench {
namespace {

using nets::Evaluator;
using nets::Task;

class GradientsTest : public testing::TestWithParam<Task> {
 protected:
  double Loss(const std::vector<float>& values) const {
    return evaluator_.Forward(values, batch_)->loss();
  }

  const Evaluator evaluator_{GetParam(), nets::SmallDataset(1), {.first = 200}};
  const std::shared_ptr<const nets::Batch> batch_ = evaluator_.BatchOf(3);
  std::vector<float> values_ = nets::StartValues(evaluator_.tensors(), 2);
};

TEST_P(GradientsTest, StepAgainstIt_LowersTheLoss) {
  const std::vector<float> gradient = GradientOf(GetParam(), values_, *batch_);
  ASSERT_EQ(gradient.size(), values_.size());
  double squares = 0.0;
  for (const float g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
  ASSERT_GT(squares, 0.0);
  std::vector<float> moved = values_;
  const auto rate = static_cast<float>(0.3 / std::sqrt(squares));
  for (size_t i = 0; i < moved.size(); ++i) moved[i] -= rate * gradient[i];
  EXPECT_LT(Loss(moved), Loss(values_) - 0.01);
}

// Along random directions: of single weights the loss, a float's sum, shows too little.
TEST_P(GradientsTest, Gradient_OfASmoothNetwork_IsWhatDifferencesSay) {
  if (GetParam() != Task::kMnist && GetParam() != Task::kArgmax) {
    GTEST_SKIP() << "thresholds: a difference is no derivative";
  }
  const std::vector<float> gradient = GradientOf(GetParam(), values_, *batch_);
  for (uint64_t seed = 10; seed < 20; ++seed) {
    std::vector<float> direction = nets::StartValues(evaluator_.tensors(), seed);
    if (GetParam() == Task::kArgmax) {  // the first two tensors decide which slot is picked
      const size_t picking = evaluator_.tensors()[0].size() + evaluator_.tensors()[1].size();
      std::fill_n(direction.begin(), picking, 0.0f);
    }
    constexpr float kReach = 1e-3f;
    std::vector<float> ahead = values_, behind = values_;
    double slope = 0.0;
    for (size_t i = 0; i < direction.size(); ++i) {
      ahead[i] += kReach * direction[i];
      behind[i] -= kReach * direction[i];
      slope += static_cast<double>(gradient[i]) * static_cast<double>(direction[i]);
    }
    const double difference = (Loss(ahead) - Loss(behind)) / (2.0 * static_cast<double>(kReach));
    EXPECT_NEAR(slope, difference, 0.02 * std::abs(difference) + 2e-3) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, GradientsTest,
                         testing::Values(Task::kLif, Task::kInt8, Task::kArgmax, Task::kStaircase,
                                         Task::kMnist),
                         [](const testing::TestParamInfo<Task>& info) {
                           return std::string(nets::NameOf(info.param));
                         });

}  // namespace
}  // namespace polystep::bench
