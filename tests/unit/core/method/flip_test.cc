#include "core/method/flip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <set>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

using Bits = std::vector<bool>;
struct Reply {
  double loss = 0.0;
  Outcome outcome = Outcome::kLoss;
};
using Loss = std::function<Reply(const Bits&)>;

std::shared_ptr<const SearchSpace> BitSpace(int64_t count) {
  return std::make_shared<const SearchSpace>(
      *SearchSpace::Create({}, {{"b", {count}, TensorKind::kBinary, {}, {}, {}}}));
}

std::unique_ptr<FlipRule> Make(int64_t bits, uint32_t flips, double epsilon) {
  FlipOptions options;
  options.flips = flips;
  options.epsilon.initial = epsilon;
  return std::make_unique<FlipRule>(RuleContext{BitSpace(bits), 7, false}, options);
}

Bits Decode(absl::Span<const double> point) {
  Bits bits;
  for (double coordinate : point) bits.push_back(coordinate >= 0.5);
  return bits;
}

StepLengths Advance(FlipRule& rule, int64_t step, const Loss& loss) {
  const size_t size = rule.center().size();
  const uint32_t rows = rule.Shape().rows;
  std::vector<double> point(size);
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
  for (uint32_t row = 0; row < rows; ++row) {
    rule.Candidates(step, row, 1, absl::MakeSpan(point));
    const Reply reply = loss(Decode(point));
    losses.push_back(reply.loss);
    outcomes.push_back(reply.outcome);
  }
  return rule.Update({step, rows, losses, outcomes});
}

Reply CountOnes(const Bits& bits) {
  double sum = 0.0;
  for (bool bit : bits) sum += bit ? 1.0 : 0.0;
  return {-sum};
}

TEST(FlipRule, Rows_AreTheCenterAndEveryBitOnceASweep) {
  auto rule = Make(10, 4, 0.1);
  std::multiset<int64_t> asked;
  for (int64_t step = 0; step < 5; ++step) {  // 20 flips: two sweeps
    std::vector<SearchSpace::Range> ranges(5);
    std::vector<double> values(5);
    rule->Changes(step, 0, absl::MakeSpan(ranges), absl::MakeSpan(values));
    EXPECT_EQ(ranges[0].size, 0);
    for (size_t row = 1; row < 5; ++row) {
      ASSERT_EQ(ranges[row].size, 1);
      const double now = rule->center()[static_cast<size_t>(ranges[row].first)];
      EXPECT_NE(now >= 0.5, values[row] >= 0.5);
      asked.insert(ranges[row].first);
    }
    Advance(*rule, step, CountOnes);
  }
  for (int64_t bit = 0; bit < 10; ++bit) EXPECT_EQ(asked.count(bit), 2u) << bit;
}

TEST(FlipRule, IndependentBits_AreAllRightAfterOneSweep) {
  auto rule = Make(64, 16, 1e-6);
  for (int64_t step = 0; step < 4; ++step) {
    const StepLengths lengths = Advance(*rule, step, CountOnes);
    EXPECT_EQ(lengths.step_radius, 16.0);
  }
  EXPECT_EQ(CountOnes(Decode(rule->center())).loss, -64.0);
}

TEST(FlipRule, Units_DoNotMatter) {
  auto plain = Make(50, 20, 0.5);
  auto scaled = Make(50, 20, 0.5);
  RandomStream stream(1, 0, 0, Draw::kJitter);
  std::vector<double> weights(50);
  for (double& weight : weights) weight = stream.Uniform() - 0.3;
  const auto loss = [&weights](const Bits& bits) {
    double sum = 0.0;
    for (size_t i = 0; i < bits.size(); ++i) sum += bits[i] ? weights[i] : 0.0;
    return Reply{sum};
  };
  for (int64_t step = 0; step < 30; ++step) {
    Advance(*plain, step, loss);
    Advance(*scaled, step, [&](const Bits& bits) { return Reply{0x1p-70 * loss(bits).loss}; });
    ASSERT_EQ(Decode(plain->center()), Decode(scaled->center()));
  }
}

TEST(FlipRule, Temperature_KeepsUphillFlipsComing) {
  auto hot = Make(400, 200, 1.0);
  auto cold = Make(400, 200, 1e-6);
  for (int64_t step = 0; step < 40; ++step) {
    Advance(*hot, step, CountOnes);
    Advance(*cold, step, CountOnes);
  }
  // A bit is wrong with chance 1 / (1 + e).
  EXPECT_NEAR(-CountOnes(Decode(hot->center())).loss / 400.0, 0.731, 0.07);
  EXPECT_EQ(CountOnes(Decode(cold->center())).loss, -400.0);
}

// Every flip alone looks good, all together are bad: the square of the sum of signs.
TEST(FlipRule, InteractingFlips_AreDampedUntilTheyHelp) {
  auto rule = Make(200, 200, 1e-6);
  const auto loss = [](const Bits& bits) {
    const double excess = 2.0 * -CountOnes(bits).loss - static_cast<double>(bits.size());
    return Reply{excess * excess};
  };
  double moved = 0.0;
  for (int64_t step = 0; step < 120; ++step) moved = Advance(*rule, step, loss).step_radius;
  EXPECT_LT(moved, 60.0);
  EXPECT_LT(loss(Decode(rule->center())).loss, 0.05 * 200.0 * 200.0);
}

TEST(FlipRule, MissingAnswers_MoveNothing) {
  auto rule = Make(30, 30, 1e-6);
  const Bits before = Decode(rule->center());
  Advance(*rule, 0, [&](const Bits& bits) {
    return Reply{CountOnes(bits).loss, bits == before ? Outcome::kMissing : Outcome::kLoss};
  });
  EXPECT_EQ(Decode(rule->center()), before) << "without the center nothing compares";
  Advance(*rule, 1, [&](const Bits& bits) {
    return Reply{CountOnes(bits).loss, bits[4] ? Outcome::kMissing : Outcome::kLoss};
  });
  EXPECT_EQ(CountOnes(Decode(rule->center())).loss, -29.0);
  EXPECT_FALSE(rule->center()[4] >= 0.5);
}

TEST(FlipRule, InfeasibleCenter_GoesBackAndMovesLess) {
  auto rule = Make(60, 60, 1e-6);
  // At most 20 ones are feasible; one step finds them all.
  const auto loss = [](const Bits& bits) {
    Reply reply = CountOnes(bits);
    if (reply.loss < -20.0) reply.outcome = Outcome::kInfeasible;
    return reply;
  };
  Advance(*rule, 0, loss);
  EXPECT_EQ(CountOnes(Decode(rule->center())).loss, -60.0);
  Advance(*rule, 1, loss);
  EXPECT_EQ(CountOnes(Decode(rule->center())).loss, 0.0);
  bool feasible = false;
  for (int64_t step = 2; step < 60; ++step) {
    Advance(*rule, step, loss);
    feasible |= CountOnes(Decode(rule->center())).loss <= -15.0 &&
                loss(Decode(rule->center())).outcome == Outcome::kLoss;
  }
  EXPECT_TRUE(feasible);
}

TEST(FlipRule, InfeasibleStart_GoesToTheBestFeasibleFlip) {
  auto rule = Make(20, 20, 1e-6);
  Advance(*rule, 0, [](const Bits& bits) {
    return Reply{bits[11] ? 1.0 : 2.0, bits[11] || bits[3] ? Outcome::kLoss : Outcome::kInfeasible};
  });
  Bits wanted(20, false);
  wanted[11] = true;
  EXPECT_EQ(Decode(rule->center()), wanted);
}

TEST(FlipRule, Spaces_AreBinaryOrNot) {
  EXPECT_TRUE(IsBinary(*BitSpace(3)));
  EXPECT_TRUE(IsBinary(*SearchSpace::Create(
      {{"on", BooleanDomain{}}, {"n", IntegerDomain{3, 4, Scale::kLinear, {}}}}, {})));
  EXPECT_FALSE(IsBinary(*SearchSpace::Create({{"c", CategoricalDomain{{"a", "b"}, {}}}}, {})));
  EXPECT_FALSE(
      IsBinary(*SearchSpace::Create({{"n", IntegerDomain{0, 2, Scale::kLinear, {}}}}, {})));
  EXPECT_FALSE(IsBinary(*SearchSpace::Create({{"on", BooleanDomain{}}},
                                             {{"x", {2}, TensorKind::kReal, {}, {}, {}}})));
}

}  // namespace
}  // namespace polystep
