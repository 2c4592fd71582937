#include "client/examples/maxsat/candidate_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  return static_cast<double>(formula.CostOf(bits).soft);
}

// A center, itself as the first candidate, then ones with one to three changes.
struct Step {
  std::vector<Candidate> candidates;
  std::vector<double> expected;
};

Step MakeStep(const Formula& formula, const std::string& id, RandomStream& stream,
              const client::Center& base = {}) {
  auto batch = std::make_shared<CandidateBatch>();
  auto center = std::make_shared<client::Center>(client::Center{id, RandomValues(stream), base.id});
  for (uint32_t v = 0; v < base.values.size(); ++v) {
    if (center->values[v] != base.values[v]) center->changed.push_back({v, 1});
  }
  batch->center = center;
  auto all = std::make_shared<std::vector<Change>>();
  std::vector<size_t> ends = {0};
  for (uint32_t c = 1; c < 50; ++c) {
    for (uint32_t n = 0; n < 1 + c % 3; ++n) {
      const uint32_t coordinate = (7 * c + 11 * n) % kVariables;
      all->push_back({coordinate, static_cast<float>(stream.NextU32() & 1)});
    }
    ends.push_back(all->size());
  }
  batch->memory = all;
  Step step;
  for (size_t c = 0; c < ends.size(); ++c) {
    const size_t first = c == 0 ? 0 : ends[c - 1];
    const auto changes = absl::MakeConstSpan(*all).subspan(first, ends[c] - first);
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
  CandidateCost costs(formula, 1);
  const Step a = MakeStep(formula, "a", stream), b = MakeStep(formula, "b", stream);
  ExpectLosses(costs, a);
  ExpectLosses(costs, b);
  ExpectLosses(costs, b);
  ExpectLosses(costs, a);  // late, of a step that is over
  EXPECT_TRUE(costs.Evaluate({}).empty());
}

// Of centers that came as differences, also from one that the assignment is not that of.
TEST(CandidateCost_Test, Evaluate_DifferencesOfCenters_LossesOfTheWholeFormula) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(9, 0, 0, Draw::kInitial);
  CandidateCost costs(formula, 1);
  std::vector<Step> steps = {MakeStep(formula, "0", stream)};
  for (int n = 1; n < 20; ++n) {
    const std::vector<float> base(steps.back().candidates[0].center().begin(),
                                  steps.back().candidates[0].center().end());
    steps.push_back(MakeStep(formula, std::to_string(n), stream, {std::to_string(n - 1), base}));
  }
  for (const Step& step : steps) ExpectLosses(costs, step);
  for (size_t n = 0; n < steps.size(); n += 3) ExpectLosses(costs, steps[n]);
}

TEST(CandidateCost_Test, Evaluate_TwoThreadsOfDifferentSteps_LossesOfTheWholeFormula) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(6, 0, 0, Draw::kInitial);
  CandidateCost costs(formula, 1);
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
  CandidateCost costs(formula, 1);
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

TEST(CandidateCost_Test, BestAssignment_OfAllCandidates_HasTheLowestCost) {
  const Formula formula = RandomFormula({.variables = kVariables, .clauses = 256, .seed = 4});
  RandomStream stream(8, 0, 0, Draw::kInitial);
  CandidateCost costs(formula, 1);
  EXPECT_FALSE(costs.best_cost().has_value());
  EXPECT_TRUE(costs.BestAssignment().empty());
  double lowest = 1e9;
  for (const char* id : {"a", "b", "c"}) {
    const Step step = MakeStep(formula, id, stream);
    ExpectLosses(costs, step);
    lowest = std::min(lowest, *std::min_element(step.expected.begin(), step.expected.end()));
  }
  ASSERT_TRUE(costs.best_cost().has_value());
  EXPECT_EQ(costs.best_cost()->soft, lowest);
  EXPECT_EQ(formula.CostOf(costs.BestAssignment()), *costs.best_cost());
}

TEST(CandidateCost_Test, BestAssignment_LowerLossLeavesHardClause_IsTheFeasibleOne) {
  Formula formula(/*weighted=*/true);
  formula.SetVariables(2);
  std::vector<Literal> hard = {3}, soft = {2};  // the second variable; not the second variable
  ASSERT_TRUE(formula.Add(hard, Formula::kHard));
  ASSERT_TRUE(formula.Add(soft, 100));
  CandidateCost costs(formula, 5);
  std::vector<Candidate> candidates(2);
  candidates[0].tensors = {{"assignment", {2}, {0.0f, 0.0f}}};
  candidates[1].tensors = {{"assignment", {2}, {0.0f, 1.0f}}};
  const auto results = costs.Evaluate(candidates);
  EXPECT_EQ(results[0].loss, 5.0);
  EXPECT_EQ(results[1].loss, 100.0);
  EXPECT_EQ(*costs.best_cost(), (Cost{0, 100}));
  EXPECT_EQ(costs.BestAssignment(), (std::vector<uint8_t>{0, 1}));
}

TEST(DefaultHardWeight_Test, DefaultHardWeight_Formulas_IsAboveAFlipAndNotAboveAll) {
  Formula formula(/*weighted=*/true);
  formula.SetVariables(1000);
  std::vector<Literal> literals = {1};
  ASSERT_TRUE(formula.Add(literals, 7));
  EXPECT_EQ(DefaultHardWeight(formula), 8u);  // outweighs everything
  for (uint32_t v = 1; v < 1000; ++v) {
    literals = {2 * v};
    ASSERT_TRUE(formula.Add(literals, 7));
  }
  EXPECT_EQ(DefaultHardWeight(formula), 16u * 8 + 1);
}

}  // namespace
}  // namespace polystep::maxsat
