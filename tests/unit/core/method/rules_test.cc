// What every step rule promises, and what is special to each.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/method/block.h"
#include "core/method/metric.h"
#include "core/method/population.h"

namespace polystep {
namespace {

std::shared_ptr<const SearchSpace> Box(int64_t dimension, double half) {
  TensorSpec tensor{"x", {dimension}, TensorKind::kReal, -half, half, {}};
  tensor.initializer = {Initializer::Kind::kUniform, 0.5 * half, 0.0};
  return std::make_shared<const SearchSpace>(*SearchSpace::Create({}, {tensor}));
}

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  return schedule;
}

std::unique_ptr<StepRule> Make(int method, std::shared_ptr<const SearchSpace> space) {
  RuleContext context{std::move(space), 17, false};
  if (method == 0) {
    BlockOptions options;
    options.particle_dim = 3;
    options.probes = 2;
    options.transport.epsilon = Constant(0.5);
    options.step_radius = Constant(0.3);
    options.probe_radius = Constant(0.6);
    return std::make_unique<BlockRule>(context, options);
  }
  if (method == 1) {
    PopulationOptions options;
    options.particles = 3;
    options.transport.epsilon = Constant(0.5);
    options.step_radius = Constant(0.3);
    return std::make_unique<PopulationRule>(context, options);
  }
  MetricOptions options;
  options.frame_size = 3;
  options.radius = context.space->dimension() > 100 ? 0.02 : 0.3;
  options.rows = 2;
  return std::make_unique<MetricRule>(context, options);
}

double Distance(absl::Span<const double> x, double optimum) {
  double sum = 0.0;
  for (double c : x) sum += (c - optimum) * (c - optimum);
  return sum;
}

// One update with the squared distance to `optimum` as loss.
void Advance(StepRule& rule, int64_t step, size_t dimension, double optimum) {
  const StepShape shape = rule.Shape();
  std::vector<double> points(shape.count() * dimension);
  rule.Candidates(step, 0, shape.count(), absl::MakeSpan(points));
  std::vector<double> losses;
  for (size_t i = 0; i < shape.count(); ++i) {
    losses.push_back(
        Distance(absl::MakeConstSpan(points).subspan(i * dimension, dimension), optimum));
  }
  rule.Update({step, shape.rows, losses, std::vector<Outcome>(losses.size(), Outcome::kLoss)});
}

class EveryRule : public testing::TestWithParam<int> {};

TEST_P(EveryRule, Sphere_BringsTheCenterCloser) {
  auto rule = Make(GetParam(), Box(7, 2.0));
  const double before = Distance(rule->center(), 0.7);
  for (int64_t step = 0; step < 40; ++step) Advance(*rule, step, 7, 0.7);
  EXPECT_LT(Distance(rule->center(), 0.7), 0.1 * before);
}

TEST_P(EveryRule, OptimumInACorner_KeepsCandidatesAndCenterInTheBox) {
  auto space = Box(5, 1.0);
  auto rule = Make(GetParam(), space);
  for (int64_t step = 0; step < 40; ++step) {
    const StepShape shape = rule->Shape();
    std::vector<double> points(shape.count() * 5);
    rule->Candidates(step, 0, shape.count(), absl::MakeSpan(points));
    for (double c : points) EXPECT_LE(std::fabs(c), 1.0);
    Advance(*rule, step, 5, 3.0);
    for (double c : rule->center()) EXPECT_LE(std::fabs(c), 1.0);
  }
  EXPECT_LT(Distance(rule->center(), 1.0), 0.5);
}

TEST_P(EveryRule, FewerRows_StillUpdate) {
  auto rule = Make(GetParam(), Box(7, 2.0));
  const StepShape shape = rule->Shape();
  ASSERT_GT(shape.rows, 1u);
  std::vector<double> losses(shape.row_size());
  for (size_t i = 0; i < losses.size(); ++i) losses[i] = static_cast<double>(i);
  const std::vector<double> before(rule->center().begin(), rule->center().end());
  rule->Update({0, 1, losses, std::vector<Outcome>(losses.size(), Outcome::kLoss)});
  EXPECT_NE(std::vector<double>(rule->center().begin(), rule->center().end()), before);
}

TEST_P(EveryRule, SavedBytesOfAnotherSize_AreRefused) {
  auto rule = Make(GetParam(), Box(7, 2.0));
  ByteWriter writer;
  rule->Save(writer);
  ByteReader reader(writer.bytes());
  EXPECT_FALSE(Make(GetParam(), Box(6, 2.0))->Restore(reader));
}

const char* NameOf(const testing::TestParamInfo<int>& method) {
  const char* names[] = {"Block", "Population", "Metric"};
  return names[method.param];
}
INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, testing::Values(0, 1, 2), NameOf);

TEST(BlockRule, OneBlockChanges_AndPaddingIsDropped) {
  auto rule = Make(0, Box(7, 2.0));
  const StepShape shape = rule->Shape();
  EXPECT_EQ(shape.rows, 3u);  // 3 + 3 + 1
  EXPECT_EQ(shape.vertices, 6u);
  EXPECT_EQ(shape.probes, 2u);
  std::vector<double> point(7);
  for (uint32_t i = 0; i < shape.count(); ++i) {
    rule->Candidates(0, i, 1, absl::MakeSpan(point));
    const uint32_t block = i / shape.row_size();
    double square = 0.0;
    for (size_t j = 0; j < 7; ++j) {
      const double moved = point[j] - rule->center()[j];
      EXPECT_TRUE(j / 3 == block || moved == 0.0);
      square += moved * moved;
    }
    // Probes lie at 1/3 and 2/3 of the probe radius.
    const double distance = 0.2 * (1 + i % 2);
    EXPECT_NEAR(block < 2 ? std::sqrt(square) : distance, distance, 1e-12);
  }
}

TEST(BlockRule, MeanOverProbes_AnyHoleCountsForItsVertex) {
  using enum Outcome;
  const VertexAnswers vertices =
      MeanOverProbes(2, std::vector<double>{1, 3, 5, 0, 0, 7, 0, 0},
                     std::vector<Outcome>{kLoss, kLoss, kLoss, kMissing, kInfeasible, kLoss,
                                          kMissing, kInfeasible});
  EXPECT_EQ(vertices.losses[0], 2.0);
  EXPECT_EQ(vertices.outcomes, (std::vector<Outcome>{kLoss, kMissing, kInfeasible, kInfeasible}));
  EXPECT_TRUE(vertices.violations.empty());
}

TEST(BlockRule, MeanOverProbes_OneViolatedProbe_MeanViolation) {
  using enum Outcome;
  const VertexAnswers vertices = MeanOverProbes(
      2, std::vector<double>{1, 3, 5, 7}, std::vector<Outcome>{kLoss, kViolation, kLoss, kLoss},
      std::vector<double>{0.0, 4.0, 0.0, 0.0});
  EXPECT_EQ(vertices.losses, (std::vector<double>{2.0, 6.0}));
  EXPECT_EQ(vertices.outcomes, (std::vector<Outcome>{kViolation, kLoss}));
  EXPECT_EQ(vertices.violations, (std::vector<double>{2.0, 0.0}));
}

TEST(PopulationRule, Particles_StartApartAndTheBestLeads) {
  auto rule = Make(1, Box(4, 2.0));
  const StepShape shape = rule->Shape();
  EXPECT_EQ(shape.rows, 3u);
  EXPECT_EQ(shape.vertices, 8u);
  std::vector<double> losses(24, 9.0);
  for (size_t i = 8; i < 16; ++i) losses[i] = static_cast<double>(i % 3);
  std::vector<double> candidates(8 * 4);
  rule->Candidates(0, 8, 8, absl::MakeSpan(candidates));
  rule->Update({0, 3, losses, std::vector<Outcome>(24, Outcome::kLoss)});
  double nearest = 1e9;
  for (size_t v = 0; v < 8; ++v) {
    double square = 0.0;
    for (size_t j = 0; j < 4; ++j) {
      const double d = candidates[4 * v + j] - rule->center()[j];
      square += d * d;
    }
    nearest = std::min(nearest, std::sqrt(square));
  }
  EXPECT_LT(nearest, 0.5);  // the center is particle 1, within its own candidates
}

TEST(MetricRule, Antipodes_MirrorEachOther) {
  TensorSpec unbounded{"x", {6}, TensorKind::kReal, {}, {}, {}};
  auto rule = Make(2, std::make_shared<const SearchSpace>(*SearchSpace::Create({}, {unbounded})));
  std::vector<double> plus(6);
  std::vector<double> minus(6);
  for (uint32_t v = 0; v < 3; ++v) {
    rule->Candidates(0, v, 1, absl::MakeSpan(plus));
    rule->Candidates(0, v + 3, 1, absl::MakeSpan(minus));
    for (size_t j = 0; j < 6; ++j) {
      EXPECT_NEAR(plus[j] - rule->center()[j], rule->center()[j] - minus[j], 1e-12);
    }
  }
}

TEST(MetricRule, Plateau_GrowsTheRadiusAndThenStartsOver) {
  auto rule = Make(2, Box(4, 1.0));
  double before = 0.0;
  uint32_t rows = rule->Shape().rows;
  bool restarted = false;
  for (int64_t step = 0; step < 25; ++step) {
    const std::vector<double> losses(rule->Shape().count(), 1.0);
    const std::vector<double> center(rule->center().begin(), rule->center().end());
    const StepLengths lengths = rule->Update(
        {step, rule->Shape().rows, losses, std::vector<Outcome>(losses.size(), Outcome::kLoss)});
    if (rule->Shape().rows != rows) {
      restarted = true;
      EXPECT_EQ(rule->Shape().rows, 2 * rows);
      EXPECT_NE(std::vector<double>(rule->center().begin(), rule->center().end()), center);
      break;
    }
    EXPECT_GT(lengths.step_radius, before);
    before = lengths.step_radius;
  }
  EXPECT_TRUE(restarted);
}

// Lattices that are frozen from the start: every second step is one of local moves alone.
TEST(MetricRule, LocalMoves_SayNothingOfTheFramesDirections) {
  std::vector<ParameterSpec> parameters;
  for (int i = 0; i < 10; ++i) {
    parameters.push_back({absl::StrCat("n", i), IntegerDomain{0, 100, Scale::kLinear, {}}});
  }
  MetricOptions options;
  options.frame_size = 3;
  options.radius = 0.002;  // cells are 0.0099 wide
  MetricRule rule(
      {std::make_shared<const SearchSpace>(*SearchSpace::Create(parameters, {})), 17, false},
      options);
  for (int64_t step = 0; step < 8; ++step) {
    const std::vector<double> before(rule.center().begin(), rule.center().end());
    std::vector<double> losses(rule.Shape().count());
    // The first of all, the start itself, is the best.
    for (size_t i = 0; i < losses.size(); ++i) {
      losses[i] = static_cast<double>(step) + static_cast<double>(i * i % 7);
    }
    rule.Update({step, 1, losses, std::vector<Outcome>(losses.size(), Outcome::kLoss)});
    const bool still = std::vector<double>(rule.center().begin(), rule.center().end()) == before;
    EXPECT_EQ(still, step % 2 == 0) << step;
  }
}

TEST(MetricRule, HugeTensor_IsSearchedWithADiagonal) {
  auto rule = Make(2, Box(3000, 1.0));
  const double before = Distance(rule->center(), 0.2);
  for (int64_t step = 0; step < 150; ++step) Advance(*rule, step, 3000, 0.2);
  EXPECT_LT(Distance(rule->center(), 0.2), before);
}

}  // namespace
}  // namespace polystep
