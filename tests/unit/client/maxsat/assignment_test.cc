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

void MoveTo(Assignment& assignment, const std::vector<float>& to) {
  for (uint32_t part = 0; part < Assignment::kParts; ++part) assignment.FlipPart(to, part);
  for (uint32_t part = 0; part < Assignment::kParts; ++part) assignment.CountPart(part);
  assignment.FinishMove();
}

TEST_P(Assignment_Test, Move_ManyFlipsTogether_CostAndDifferencesAreThoseOfTheWholeFormula) {
  RandomStream stream(13, 0, 0, Draw::kInitial);
  const Formula formula = Mixed(GetParam(), 40, 6, stream);
  Assignment assignment(formula);
  for (int n = 0; n < 200; ++n) {
    std::vector<float> to(40);
    for (float& value : to) value = 0.25f * static_cast<float>(stream.NextU32() % 5);
    MoveTo(assignment, to);
    std::vector<uint8_t> values;
    for (float value : to) values.push_back(value >= 0.5f ? 1 : 0);
    ASSERT_EQ(assignment.cost(), formula.CostOf(values)) << n;
    const uint32_t variable = stream.NextU32() % 40;
    values[variable] ^= 1;
    ASSERT_EQ(Plus(assignment.cost(), assignment.Difference(variable)), formula.CostOf(values));
  }
}

// Runs that end inside of parts, cross them, change nothing or nothing at all.
TEST_P(Assignment_Test, Move_WithinRuns_CostIsThatOfTheWholeFormula) {
  RandomStream stream(14, 0, 0, Draw::kInitial);
  const Formula formula = Mixed(GetParam(), 100, 6, stream);
  Assignment assignment(formula);
  std::vector<float> to(100, 0.0f);
  for (int n = 0; n < 200; ++n) {
    std::vector<client::CoordinateRun> runs;
    for (uint32_t v = stream.NextU32() % 20; v < 100; v += 1 + stream.NextU32() % 20) {
      const uint32_t size = std::min(stream.NextU32() % 15, 100 - v);
      runs.push_back({v, size});
      for (const uint32_t end = v + size; v < end; ++v) {
        to[v] = 0.25f * static_cast<float>(stream.NextU32() % 5);
      }
    }
    const std::vector<uint8_t> before(assignment.values().begin(), assignment.values().end());
    for (uint32_t part = 0; part < Assignment::kParts; ++part) {
      assignment.FlipPart(to, runs, part);
      const size_t end = 100 * (part + 1) / Assignment::kParts;
      ASSERT_TRUE(std::equal(before.begin() + static_cast<ptrdiff_t>(end), before.end(),
                             assignment.values().begin() + static_cast<ptrdiff_t>(end)))
          << "other parts are other threads'";
    }
    for (uint32_t part = 0; part < Assignment::kParts; ++part) assignment.CountPart(part);
    assignment.FinishMove();
    std::vector<uint8_t> values;
    for (float value : to) values.push_back(value >= 0.5f ? 1 : 0);
    ASSERT_EQ(assignment.cost(), formula.CostOf(values)) << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, Assignment_Test, ::testing::Bool());

constexpr uint32_t kVariables = 700;

// A clause that wants one of them true, and one that wants one false.
Formula LongClauses() {
  Formula formula(/*weighted=*/false);
  formula.SetVariables(kVariables);
  std::vector<Literal> all, none;
  for (uint32_t v = 0; v < kVariables; ++v) {
    all.push_back(2 * v + 1);
    none.push_back(2 * v);
  }
  EXPECT_TRUE(formula.Add(all, 1));
  EXPECT_TRUE(formula.Add(none, 1));
  return formula;
}

// More true literals than a byte counts, and back to none.
TEST(AssignmentOfLongClauses_Test, Flip_HundredsOfTrueLiterals_StaysExact) {
  const Formula formula = LongClauses();
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

TEST(AssignmentOfLongClauses_Test, Move_HundredsOfTrueLiterals_StaysExact) {
  const Formula formula = LongClauses();
  Assignment assignment(formula);
  for (uint32_t trues : {700, 300, 254, 255, 256, 1, 0, 255, 0, 260, 100, 700, 0}) {
    std::vector<float> to(kVariables, 0.0f);
    std::fill_n(to.begin(), trues, 1.0f);
    MoveTo(assignment, to);
    EXPECT_EQ(assignment.cost().soft, trues == 0 || trues == kVariables ? 1 : 0) << trues;
    // To one true literal, and then to none, one by one: the counts are right, not only the cost.
    Assignment copy = assignment;
    for (uint32_t v = 0; v < trues; ++v) {
      ASSERT_EQ(copy.cost().soft, v == 0 && trues == kVariables ? 1 : 0) << trues;
      copy.Flip(v);
    }
    EXPECT_EQ(copy.cost().soft, 1) << trues;
  }
}

}  // namespace
}  // namespace polystep::maxsat
