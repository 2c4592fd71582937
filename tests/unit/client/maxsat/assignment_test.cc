#include "client/examples/maxsat/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/random/random_stream.h"

namespace polystep::maxsat {
namespace {

// Clauses of 0 to 6 literals, a repeated or opposite one now and then, and one of `longest`.
Formula Mixed(bool weighted, uint32_t variables, uint32_t longest, RandomStream& stream) {
  Formula formula(weighted);
  formula.SetVariables(variables);
  std::vector<Literal> literals;
  for (int c = 0; c < 400; ++c) {
    literals.clear();
    const uint32_t length = c == 0 ? longest : stream.NextU32() % 7;
    for (uint32_t n = 0; n < length; ++n) literals.push_back(stream.NextU32() % (2 * variables));
    const uint64_t weight = weighted ? stream.NextU32() % 5 : 1;  // 0 is hard
    EXPECT_TRUE(formula.Add(literals, weight));
  }
  return formula;
}

Cost Plus(const Cost& a, const Cost& b) { return {a.hard + b.hard, a.soft + b.soft}; }

class Assignment_Test : public ::testing::TestWithParam<bool> {};

TEST_P(Assignment_Test, Flip_ManyTimes_CostIsThatOfTheWholeFormula) {
  RandomStream stream(11, 0, 0, Draw::kInitial);
  const Formula formula = Mixed(GetParam(), 40, 6, stream);
  Assignment assignment(formula);
  EXPECT_EQ(assignment.cost(), formula.CostOf(std::vector<uint8_t>(40, 0)));
  for (int n = 0; n < 300; ++n) {
    const uint32_t variable = stream.NextU32() % 40;
    const Cost expected = Plus(assignment.cost(), assignment.Difference(variable));
    assignment.Flip(variable);
    ASSERT_EQ(assignment.cost(), expected) << n;
    ASSERT_EQ(assignment.cost(), formula.CostOf(assignment.values())) << n;
  }
}

TEST_P(Assignment_Test, Difference_OfSeveralFlips_IsWhatTheyChangeTogether) {
  RandomStream stream(12, 0, 0, Draw::kInitial);
  const Formula formula = Mixed(GetParam(), 30, 6, stream);
  Assignment assignment(formula);
  for (int n = 0; n < 200; ++n) {
    std::vector<uint32_t> flips;
    for (uint32_t v = 0; v < 30; ++v) {
      if (stream.NextU32() % 5 == 0) flips.push_back(v);
    }
    std::vector<uint8_t> values(assignment.values().begin(), assignment.values().end());
    for (uint32_t v : flips) values[v] ^= 1;
    ASSERT_EQ(Plus(assignment.cost(), assignment.Difference(flips)), formula.CostOf(values)) << n;
    for (uint32_t v : flips) assignment.Flip(v);
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, Assignment_Test, ::testing::Bool());

// More true literals than a byte counts, and back to none.
TEST(AssignmentOfLongClauses_Test, Flip_HundredsOfTrueLiterals_StaysExact) {
  constexpr uint32_t kVariables = 700;
  Formula formula(/*weighted=*/false);
  formula.SetVariables(kVariables);
  std::vector<Literal> all, none;
  for (uint32_t v = 0; v < kVariables; ++v) {
    all.push_back(2 * v + 1);
    none.push_back(2 * v);
  }
  ASSERT_TRUE(formula.Add(all, 1));
  ASSERT_TRUE(formula.Add(none, 1));
  Assignment assignment(formula);
  EXPECT_EQ(assignment.cost(), (Cost{0, 1}));
  std::vector<uint32_t> flips;
  for (uint32_t v = 0; v < kVariables; ++v) flips.push_back(v);
  for (int round = 0; round < 2; ++round) {
    for (uint32_t v = 0; v < kVariables; ++v) {
      // What is left to flip leads to all true, or all false: one clause does not hold.
      const absl::Span<const uint32_t> rest = absl::MakeSpan(flips).subspan(v);
      ASSERT_EQ(Plus(assignment.cost(), assignment.Difference(rest)), (Cost{0, 1})) << v;
      assignment.Flip(v);
      ASSERT_EQ(assignment.cost(), (Cost{0, v + 1 == kVariables ? 1 : 0})) << v;
    }
  }
}

}  // namespace
}  // namespace polystep::maxsat
