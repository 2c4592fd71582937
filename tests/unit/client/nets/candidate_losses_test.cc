#include "client/examples/nets/candidate_losses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "core/random/random_stream.h"
#include "tests/unit/client/nets/small_dataset.h"

namespace polystep::nets {
namespace {

using client::Candidate;
using client::CandidateBatch;
using client::Change;

constexpr uint64_t kSeed = 77;

// The center of a step and candidates of it: itself, single coordinates, whole rows, two rows.
class CandidateLossesTest : public testing::Test {
 protected:
  CandidateLossesTest() { MakeStep("a", 2); }

  void MakeStep(const std::string& id, uint64_t seed) {
    center_ = StartValues(evaluator_.tensors(), seed);
    batch_ = std::make_shared<CandidateBatch>();
    batch_->center = std::make_shared<client::Center>(client::Center{id, center_});
    candidates_.clear();
    changes_.clear();
    const size_t columns = evaluator_.tensors()[0].columns;
    Add(0, 0);
    for (uint32_t n = 0; n < 30; ++n) Add(n * 97, 1);             // one coordinate
    for (uint32_t n = 0; n < 30; ++n) Add(n * columns, columns);  // a whole row
    Add(columns - 1, 2);                                          // two rows
    Add(evaluator_.dimension() - 129 * 10 - 5, 10);               // two tensors
    Add(evaluator_.dimension() - 129, 129);                       // the last row
  }
  void Add(size_t first, size_t count) {
    RandomStream stream(first, count, 0, Draw::kJitter);
    auto changes = std::make_shared<std::vector<Change>>();
    for (size_t n = 0; n < count; ++n) {
      const auto coordinate = static_cast<uint32_t>(first + n);
      changes->push_back({coordinate, center_[coordinate] + static_cast<float>(stream.Normal())});
    }
    changes_.push_back(changes);
    Candidate candidate;
    candidate.evaluation_seed = kSeed;
    candidate.step = step_;
    candidate.tensors = client::TensorList(batch_, absl::MakeConstSpan(*changes));
    candidates_.push_back(candidate);
  }
  void ExpectLosses(CandidateLosses& losses) {
    const std::vector<Candidate> own = candidates_;  // one thread looks at a candidate
    const std::vector<client::EvaluationResult> results = losses.Evaluate(own);
    ASSERT_EQ(results.size(), candidates_.size());
    for (size_t n = 0; n < results.size(); ++n) {
      std::vector<float> values = center_;
      for (const Change& change : *changes_[n]) values[change.coordinate] = change.value;
      EXPECT_NEAR(results[n].loss, evaluator_.Forward(values, kSeed, step_)->loss(), 1e-5) << n;
    }
  }

  const Evaluator evaluator_{Task::kLif, SmallDataset(1), {.first = 100}};
  int64_t step_ = 0;
  std::vector<float> center_;
  std::shared_ptr<CandidateBatch> batch_;
  std::vector<Candidate> candidates_;
  std::vector<std::shared_ptr<std::vector<Change>>> changes_;
};

TEST_F(CandidateLossesTest, Evaluate_AnyChanges_GivesTheLossOfTheWholeCandidate) {
  CandidateLosses losses(evaluator_);
  ExpectLosses(losses);
}

TEST_F(CandidateLossesTest, Evaluate_OtherCenters_AreNotMixedUp) {
  CandidateLosses losses(evaluator_);
  for (int step = 0; step < 7; ++step) {
    step_ = 50 * step;  // mini-batches grow
    MakeStep(std::string(1, static_cast<char>('a' + step)), 2 + static_cast<uint64_t>(step));
    ExpectLosses(losses);
  }
  step_ = 0;
  MakeStep("a", 2);
  ExpectLosses(losses);
}

TEST_F(CandidateLossesTest, Evaluate_ManyThreads_GiveTheSame) {
  CandidateLosses losses(evaluator_);
  std::vector<std::jthread> threads;
  for (int n = 0; n < 8; ++n) threads.emplace_back([&] { ExpectLosses(losses); });
}

TEST_F(CandidateLossesTest, Evaluate_Score_IsTheLossOfTheValidationSet) {
  CandidateLosses losses(evaluator_);
  Candidate candidate = candidates_[0];
  candidate.purpose = client::Purpose::kScore;
  const double expected = evaluator_.ScoreOf(center_, Split::kValidation).loss;
  EXPECT_EQ(losses.Evaluate(absl::MakeSpan(&candidate, 1))[0].loss, expected);
}

TEST_F(CandidateLossesTest, BestScore_AfterScores_IsThatOfTheLeastLoss) {
  CandidateLosses losses(evaluator_);
  EXPECT_FALSE(losses.best_score().has_value());
  double least = 1e9;
  for (Candidate candidate : candidates_) {
    candidate.purpose = client::Purpose::kScore;
    least = std::min(least, losses.Evaluate(absl::MakeSpan(&candidate, 1))[0].loss);
  }
  ASSERT_TRUE(losses.best_score().has_value());
  EXPECT_EQ(losses.best_score()->loss, least);
}

TEST_F(CandidateLossesTest, Evaluate_WholeCandidates_AreEvaluatedInFull) {
  CandidateLosses losses(evaluator_);
  Candidate candidate;
  candidate.evaluation_seed = kSeed;
  auto whole = std::make_shared<CandidateBatch>();
  candidate.tensors = client::TensorList(whole, absl::MakeConstSpan(center_));
  EXPECT_EQ(losses.Evaluate(absl::MakeSpan(&candidate, 1))[0].loss,
            evaluator_.Forward(center_, kSeed)->loss());
}

TEST(LatestTest, Get_ManyThreads_MakeAValueOnce) {
  Latest<int, int> latest(2);
  std::atomic<int> made = 0;
  const auto get = [&](int key) {
    return *latest.Get(key, [&] {
      ++made;
      return std::make_shared<const int>(10 * key);
    });
  };
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 8; ++n) threads.emplace_back([&] { EXPECT_EQ(get(1), 10); });
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(get(2), 20);
  EXPECT_EQ(get(1), 10);
  EXPECT_EQ(made, 2);
  EXPECT_EQ(get(3), 30);
  EXPECT_EQ(get(1), 10);  // the oldest was let go
  EXPECT_EQ(made, 4);
}

}  // namespace
}  // namespace polystep::nets
