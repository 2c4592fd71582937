#include "client/examples/maxsat/candidate_cost.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/examples/maxsat/random_formula.h"
#include "core/random/random_stream.h"

namespace polystep::maxsat {
namespace {

using client::Candidate;
using client::CandidateBatch;
using client::Change;

constexpr uint32_t kVariables = 60;

std::vector<float> RandomValues(RandomStream& stream) {
  std::vector<float> values(kVariables);
  for (float& value : values) value = static_cast<float>(stream.NextU32() & 1);
  return values;
}

double Expected(const Formula& formula, std::vector<float> values,
                absl::Span<const Change> changes) {
  for (const Change& change : changes) values[change.coordinate] = change.value;
  const std::vector<uint8_t> bits(values.begin(), values.end());
  return LossOf(formula, formula.CostOf(bits));
}

// A center, itself as the first candidate, then ones with one to three changes.
struct Step {
  std::vector<Candidate> candidates;
  std::vector<double> expected;
};

Step MakeStep(const Formula& formula, const std::string& id, RandomStream& stream) {
  auto batch = std::make_shared<CandidateBatch>();
  batch->center = std::make_shared<client::Center>(client::Center{id, RandomValues(stream)});
  std::vector<size_t> ends = {0};
  for (uint32_t c = 1; c < 50; ++c) {
    for (uint32_t n = 0; n < 1 + c % 3; ++n) {
      const uint32_t coordinate = (7 * c + 11 * n) % kVariables;
      batch->changes.push_back({coordinate, static_cast<float>(stream.NextU32() & 1)});
    }
    ends.push_back(batch->changes.size());
  }
  Step step;
  for (size_t c = 0; c < ends.size(); ++c) {
    const size_t first = c == 0 ? 0 : ends[c - 1];
    const auto changes = absl::MakeConstSpan(batch->changes).subspan(first, ends[c] - first);
    Candidate candidate;
    candidate.tensors = client::TensorList(batch, changes);
    step.candidates.push_back(candidate);
    step.expected.push_back(Expected(formula, batch->center->values, changes));
  }
  return step;
}

void ExpectLosses(CandidateCost& costs, const Step& step) {
  const std::vector<client::EvaluationResult> results = costs.Evaluate(step.candidates);
  ASSERT_EQ(results.size(), step.expected.size());
  for (size_t c = 0; c < results.size(); ++c) {
    EXPECT_EQ(results[c].kind, client::EvaluationResult::Kind::kLoss);
    EXPECT_EQ(results[c].loss, step.expected[c]) << c;
  }
}

TEST(CandidateCost_Test, Evaluate_CentersThatMove_LossesOfTheWholeFormula) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(5, 0, 0, Draw::kInitial);
  CandidateCost costs(formula);
  const Step a = MakeStep(formula, "a", stream), b = MakeStep(formula, "b", stream);
  ExpectLosses(costs, a);
  ExpectLosses(costs, b);
  ExpectLosses(costs, b);
  ExpectLosses(costs, a);  // late, of a step that is over
  EXPECT_TRUE(costs.Evaluate({}).empty());
}

TEST(CandidateCost_Test, Evaluate_TwoThreadsOfDifferentSteps_LossesOfTheWholeFormula) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(6, 0, 0, Draw::kInitial);
  CandidateCost costs(formula);
  const Step a = MakeStep(formula, "a", stream), b = MakeStep(formula, "b", stream);
  {
    const std::jthread other([&] {
      for (int n = 0; n < 200; ++n) ExpectLosses(costs, a);
    });
    for (int n = 0; n < 200; ++n) ExpectLosses(costs, n % 2 == 0 ? a : b);
  }
}

TEST(CandidateCost_Test, Evaluate_WholeCandidatesBetweenCenters_LossesOfTheWholeFormula) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(7, 0, 0, Draw::kInitial);
  CandidateCost costs(formula);
  const Step a = MakeStep(formula, "a", stream);
  ExpectLosses(costs, a);
  Step whole;
  for (int c = 0; c < 10; ++c) {
    const std::vector<float> values = RandomValues(stream);
    Candidate candidate;
    candidate.tensors = {{"assignment", {kVariables}, values}};
    whole.candidates.push_back(candidate);
    whole.expected.push_back(Expected(formula, values, {}));
  }
  ExpectLosses(costs, whole);
  ExpectLosses(costs, a);
}

TEST(LossOf_Test, LossOf_HardClauses_OutweighAllSoftOnes) {
  Formula formula(/*weighted=*/true);
  formula.SetVariables(1);
  for (uint64_t weight : {Formula::kHard, uint64_t{3}, uint64_t{4}}) {
    std::vector<Literal> literals = {1};
    ASSERT_TRUE(formula.Add(literals, weight));
  }
  EXPECT_LT(LossOf(formula, {0, 7}), LossOf(formula, {1, 0}));
  for (const Cost& cost : {Cost{0, 0}, Cost{0, 7}, Cost{1, 0}, Cost{3, 7}}) {
    EXPECT_EQ(CostOfLoss(formula, LossOf(formula, cost)), cost);
  }
}

}  // namespace
}  // namespace polystep::maxsat
