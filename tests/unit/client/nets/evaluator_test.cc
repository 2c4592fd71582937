#include "client/examples/nets/evaluator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/random/random_stream.h"
#include "tests/unit/client/nets/plain_networks.h"
#include "tests/unit/client/nets/small_dataset.h"

namespace polystep::nets {
namespace {

class EvaluatorTest : public testing::TestWithParam<Task> {
 protected:
  // A batch of 150 samples: the last block is not full.
  const Evaluator evaluator_{GetParam(), SmallDataset(1), {.first = 150}, 2};
  const std::vector<float> center_ = StartValues(evaluator_.tensors(), 2);

  struct Candidates {
    std::vector<std::vector<float>> weights;
    std::vector<RowChange> changes;
  };
  // Random rows, more and less far from the center, `count` of each tensor.
  Candidates RandomRows(size_t count) const {
    RandomStream stream(3, 0, 0, Draw::kJitter);
    Candidates candidates;
    uint64_t begin = 0;
    for (const TensorShape& tensor : evaluator_.tensors()) {
      for (size_t n = 0; n < count; ++n) {
        const uint64_t start = begin + stream.NextU32() % tensor.outputs * tensor.columns;
        const double length = 0.01 * std::pow(10.0, 2.0 * stream.Uniform());
        std::vector<float> weights(center_.begin() + start,
                                   center_.begin() + start + tensor.columns);
        for (float& weight : weights) weight += static_cast<float>(length * stream.Normal());
        candidates.weights.push_back(weights);
        candidates.changes.push_back({start, {}});
      }
      begin += tensor.size();
    }
    for (size_t n = 0; n < candidates.changes.size(); ++n) {
      candidates.changes[n].values = candidates.weights[n];
    }
    return candidates;
  }
  std::vector<float> With(const RowChange& change) const {
    std::vector<float> values = center_;
    std::copy(change.values.begin(), change.values.end(), values.begin() + change.start);
    return values;
  }
};

TEST_P(EvaluatorTest, ChangedRow_HasTheLossOfAFullEvaluation) {
  const Candidates candidates = RandomRows(40);
  const std::shared_ptr<const Pass> pass = evaluator_.Forward(center_, 11);
  std::vector<double> losses(candidates.changes.size());
  evaluator_.Losses(*pass, candidates.changes, absl::MakeSpan(losses));
  size_t different = 0;
  for (size_t n = 0; n < losses.size(); ++n) {
    const double full = evaluator_.Forward(With(candidates.changes[n]), pass->batch())->loss();
    EXPECT_NEAR(losses[n], full, 1e-5) << "candidate " << n;
    different += std::abs(full - pass->loss()) > 1e-4 ? 1 : 0;
  }
  EXPECT_GT(different, losses.size() / 2);
}

TEST_P(EvaluatorTest, Losses_DoNotDependOnWhatTheyAreAskedForWith) {
  const Candidates candidates = RandomRows(19);
  const std::shared_ptr<const Pass> pass = evaluator_.Forward(center_, 11);
  std::vector<double> together(candidates.changes.size());
  evaluator_.Losses(*pass, candidates.changes, absl::MakeSpan(together));
  for (size_t n = 0; n < together.size(); ++n) {
    double alone = 0.0;
    evaluator_.Losses(*pass, absl::MakeSpan(&candidates.changes[n], 1), absl::MakeSpan(&alone, 1));
    EXPECT_EQ(alone, together[n]);
  }
}

TEST_P(EvaluatorTest, Seed_DecidesTheBatch) {
  EXPECT_EQ(evaluator_.Forward(center_, 5)->loss(), evaluator_.Forward(center_, 5)->loss());
  EXPECT_NE(evaluator_.Forward(center_, 5)->loss(), evaluator_.Forward(center_, 6)->loss());
}

TEST_P(EvaluatorTest, Batch_GrowsWithTheSteps) {
  EXPECT_EQ(evaluator_.BatchOf(5)->samples, 150u);
  EXPECT_EQ(evaluator_.BatchOf(5, 125)->samples, 225u);
  EXPECT_EQ(evaluator_.BatchOf(5, int64_t{1} << 40)->samples,
            evaluator_.dataset().size(Split::kTraining));
}

TEST(BatchPlanTest, Growth_IsTheRootOfTheSteps) {
  constexpr BatchPlan kGrowing = {.first = 512, .growth = 100};
  EXPECT_EQ(kGrowing.At(0), 512u);
  EXPECT_EQ(kGrowing.At(300), 1024u);
  EXPECT_EQ(kGrowing.At(9900), 5120u);
  constexpr BatchPlan kConstant = {.first = 64, .growth = 0};
  EXPECT_EQ(kConstant.At(1'000'000), 64u);
}

TEST_P(EvaluatorTest, Pass_IsWhatTheDefinitionOfTheNetworkSays) {
  for (uint64_t seed = 20; seed < 23; ++seed) {
    std::vector<float> values = StartValues(evaluator_.tensors(), seed);
    for (float& value : values) value *= 2.0f;
    const std::shared_ptr<const Pass> pass = evaluator_.Forward(values, seed);
    const PlainScore plain = PlainScoreOf(GetParam(), values, *pass->batch());
    // Weights in 2^-18ths may put one of 57,600 levels on the other side of a stair.
    const double tolerance = GetParam() == Task::kStaircase ? 2e-4 : 1e-5;
    EXPECT_NEAR(pass->loss(), plain.loss, tolerance);
    EXPECT_NEAR(pass->accuracy(), plain.accuracy, 1e-9);
  }
}

TEST_P(EvaluatorTest, Score_IsThatOfAllImagesOfTheSplit) {
  for (Split split : {Split::kTraining, Split::kValidation, Split::kTest}) {
    const Evaluator::Score score = evaluator_.ScoreOf(center_, split);
    const Batch all = evaluator_.dataset().All(split);
    EXPECT_EQ(all.samples, evaluator_.dataset().size(split));
    const PlainScore plain = PlainScoreOf(GetParam(), center_, all);
    EXPECT_NEAR(score.loss, plain.loss, 1e-5);
    EXPECT_NEAR(score.accuracy, plain.accuracy, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EvaluatorTest,
                         testing::Values(Task::kLif, Task::kInt8, Task::kArgmax, Task::kStaircase,
                                         Task::kMnist),
                         [](const auto& task) { return std::string(NameOf(task.param)); });

}  // namespace
}  // namespace polystep::nets
