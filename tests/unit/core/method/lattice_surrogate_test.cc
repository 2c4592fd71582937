#include "core/method/lattice_surrogate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

SearchSpace Mixed() {
  RealDomain real;
  real.min = -1.0;
  real.max = 1.0;
  return *SearchSpace::Create({{"n", IntegerDomain{0, 9, Scale::kLinear, {}}},
                               {"x", real},
                               {"m", IntegerDomain{0, 3, Scale::kLinear, {}}},
                               {"y", real}},
                              {});
}

// The optimum is n = 7, m = 1 with x and y that depend on both.
double Loss(const SearchSpace& space, absl::Span<const double> point) {
  const Point decoded = space.Decode(point);
  const auto n = static_cast<double>(std::get<int64_t>(decoded.parameters[0]));
  const auto m = static_cast<double>(std::get<int64_t>(decoded.parameters[2]));
  const double x = std::get<double>(decoded.parameters[1]) - 0.1 * (n - 6.0);
  const double y = std::get<double>(decoded.parameters[3]) + 0.2 * m;
  return 0.3 * (n - 7.0) * (n - 7.0) + (m - 1.2) * (m - 1.2) + 5.0 * x * x + y * y + x * y;
}

struct Setting {
  SearchSpace space = Mixed();
  std::vector<uint32_t> active = {0, 1, 2, 3};
  LatticeSurrogate surrogate{space, active};
  MetricModel metric{true, 0.2, std::vector<double>(4, 1.0)};
  RandomStream stream{3, 0, 0, Draw::kJitter};
  std::vector<double> best;
  double best_loss = 1e300;

  void Take(const std::vector<double>& point) {
    const double loss = Loss(space, point);
    surrogate.Add(point, loss);
    if (loss >= best_loss) return;
    best_loss = loss;
    best = point;
  }
  void AddRandom(int count) {
    std::vector<double> point(4);
    for (int i = 0; i < count; ++i) {
      for (double& coordinate : point) coordinate = stream.Uniform();
      Take(point);
    }
  }
  bool ProposeOnce() {
    const auto proposals = surrogate.Propose(metric, best, best_loss);
    if (proposals.empty()) return false;
    const double before = best_loss;
    Take(proposals[0]);
    surrogate.Judge(best_loss < before);
    return true;
  }
};

TEST(LatticeSurrogate, QuadraticLoss_IsSolvedByAFewProposals) {
  Setting s;
  s.AddRandom(40);
  int proposals = 0;
  for (int turn = 0; turn < 30; ++turn) proposals += s.ProposeOnce() ? 1 : 0;
  const Point point = s.space.Decode(s.best);
  EXPECT_EQ(std::get<int64_t>(point.parameters[0]), 7);
  EXPECT_EQ(std::get<int64_t>(point.parameters[2]), 1);
  EXPECT_NEAR(s.best_loss, 0.04, 1e-9);
  EXPECT_LE(proposals, 25);
}

TEST(LatticeSurrogate, TooFewPoints_ProposeNothing) {
  Setting s;
  s.AddRandom(8);
  EXPECT_TRUE(s.surrogate.Propose(s.metric, s.best, s.best_loss).empty());
}

TEST(LatticeSurrogate, KnownPoints_AreNotProposedAgain) {
  // Integers alone, so that there are few points to propose.
  const SearchSpace space = *SearchSpace::Create({{"n", IntegerDomain{0, 9, Scale::kLinear, {}}},
                                                  {"m", IntegerDomain{0, 9, Scale::kLinear, {}}}},
                                                 {});
  const auto loss = [](absl::Span<const double> at) {
    return std::fabs(at[0] - 0.6) + std::fabs(at[1] - 0.4) + at[0] * at[1];
  };
  LatticeSurrogate surrogate(space, {0, 1});
  const MetricModel metric(true, 0.2, {1.0, 1.0});
  std::set<std::vector<double>> known;
  for (int i = 0; i < 12; ++i) {
    const std::vector<double> point = {0.05 + 0.1 * (i % 4), 0.55 + 0.1 * (i / 4)};
    surrogate.Add(point, loss(point));
    known.insert(point);
  }
  const std::vector<double> best = {0.05, 0.55};
  for (int turn = 0; turn < 40; ++turn) {
    const auto proposals = surrogate.Propose(metric, best, loss(best));
    if (proposals.empty()) continue;
    const auto near = [&](const std::vector<double>& point) {
      return std::fabs(point[0] - proposals[0][0]) + std::fabs(point[1] - proposals[0][1]) < 1e-9;
    };
    EXPECT_TRUE(std::none_of(known.begin(), known.end(), near));
    known.insert(proposals[0]);
    surrogate.Add(proposals[0], 9.0);
    surrogate.Judge(true);  // no pause
  }
}

TEST(LatticeSurrogate, Failures_PauseForLonger) {
  Setting s;
  s.AddRandom(60);
  int early = 0;
  int late = 0;
  for (int turn = 0; turn < 200; ++turn) {
    const auto proposals = s.surrogate.Propose(s.metric, s.best, s.best_loss);
    if (proposals.empty()) continue;
    s.surrogate.Add(proposals[0], 1e3);
    s.surrogate.Judge(false);
    (turn < 100 ? early : late) += 1;
  }
  EXPECT_GT(early, 5);
  EXPECT_LT(late, early);
  EXPECT_LT(early, 15);
}

TEST(LatticeSurrogate, Unanswered_PausesForOneTurn) {
  Setting s;
  s.AddRandom(60);
  int proposed = 0;
  for (int turn = 0; turn < 60; ++turn) {
    if (s.surrogate.Propose(s.metric, s.best, s.best_loss).empty()) continue;
    s.surrogate.TryAgain();
    ++proposed;
  }
  EXPECT_GE(proposed, 25);
  EXPECT_LE(proposed, 40);
}

TEST(LatticeSurrogate, SavedState_ContinuesWithTheSameBits) {
  Setting s;
  s.AddRandom(45);
  for (int turn = 0; turn < 12; ++turn) {
    ByteWriter writer;
    s.surrogate.Save(writer);
    LatticeSurrogate other(s.space, s.active);
    ByteReader reader(writer.bytes());
    ASSERT_TRUE(other.Restore(reader));
    const auto expected = s.surrogate.Propose(s.metric, s.best, s.best_loss);
    ASSERT_EQ(other.Propose(s.metric, s.best, s.best_loss), expected);
    if (expected.empty()) continue;
    s.Take(expected[0]);
    other.Add(expected[0], Loss(s.space, expected[0]));
    EXPECT_EQ(s.surrogate.Judge(turn % 2 == 0), other.Judge(turn % 2 == 0));
    ByteWriter after;
    ByteWriter after_other;
    s.surrogate.Save(after);
    other.Save(after_other);
    ASSERT_EQ(after.bytes(), after_other.bytes());
  }
}

TEST(LatticeSurrogate, Spaces_ThatDoNotSuit) {
  const std::vector<uint32_t> one = {0};
  EXPECT_TRUE(LatticeSurrogate::Suits(Mixed(), one));
  EXPECT_FALSE(LatticeSurrogate::Suits(
      *SearchSpace::Create({{"c", CategoricalDomain{{"a", "b"}, {}}}}, {}), one));
  EXPECT_FALSE(LatticeSurrogate::Suits(
      *SearchSpace::Create({{"k", IntegerDomain{1, 99, Scale::kLog, {}}}}, {}), one));
  const std::vector<ParameterSpec> parts = {{"r", DiscreteDomain{{1.0, 1.5, 2.2}, {}}},
                                            {"x", RealDomain{}}};
  EXPECT_FALSE(LatticeSurrogate::Suits(*SearchSpace::Create({parts[0]}, {}), one));
  EXPECT_TRUE(LatticeSurrogate::Suits(*SearchSpace::Create(parts, {}), {{0, 1}}));
  std::vector<uint32_t> many(41);
  std::iota(many.begin(), many.end(), 0U);
  EXPECT_FALSE(LatticeSurrogate::Suits(Mixed(), many));
}

}  // namespace
}  // namespace polystep
