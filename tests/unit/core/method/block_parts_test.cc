// What the parts of a block step do inside it; each alone has its own test.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/method/block.h"

namespace polystep {
namespace {

using Loss = std::function<double(absl::Span<const double>)>;

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  return schedule;
}

std::shared_ptr<const SearchSpace> Space(std::vector<int64_t> shape, double half) {
  const TensorSpec tensor{"x", std::move(shape), TensorKind::kReal, -half, half, {}};
  return std::make_shared<const SearchSpace>(*SearchSpace::Create({}, {tensor}));
}

BlockOptions Options(uint32_t particle_dim) {
  BlockOptions options;
  options.particle_dim = particle_dim;
  options.transport.epsilon = Constant(1.0);
  options.step_radius = Constant(0.1);
  options.probe_radius = Constant(0.02);
  return options;
}

std::vector<double> Candidates(const StepRule& rule, int64_t step) {
  std::vector<double> points(rule.Shape().count() * rule.center().size());
  rule.Candidates(step, 0, rule.Shape().count(), absl::MakeSpan(points));
  return points;
}

StepLengths Step(StepRule& rule, int64_t step, const Loss& loss) {
  const std::vector<double> points = Candidates(rule, step);
  const size_t dim = rule.center().size();
  std::vector<double> losses;
  for (size_t n = 0; n < points.size(); n += dim) {
    losses.push_back(loss(absl::MakeConstSpan(points).subspan(n, dim)));
  }
  const std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
  return rule.Update({step, rule.Shape().rows, losses, outcomes});
}

// Squared distance to (optimum, 0, 0, ...).
Loss Sphere(double optimum) {
  return [optimum](absl::Span<const double> x) {
    double sum = optimum * optimum - 2.0 * optimum * x[0];
    for (const double c : x) sum += c * c;
    return sum;
  };
}

double Flat(absl::Span<const double>) { return 1.0; }

std::vector<double> CenterOf(const StepRule& rule) {
  return {rule.center().begin(), rule.center().end()};
}

TEST(BlockParts, TrustRegion_WidensWhileTheModelIsRight) {
  BlockOptions options = Options(3);
  options.quadratic_model = true;
  options.radius_control = RadiusControl::kTrustRegion;
  options.step_radius = Constant(0.01);
  BlockRule rule({Space({6}, 9.0), 3, false}, options);
  double expected = 0.01;
  for (int64_t step = 0; step < 4; ++step) {
    EXPECT_NEAR(Step(rule, step, Sphere(5.0)).step_radius, expected, 1e-12) << step;
    if (expected < 0.03) expected = std::min(1.5 * expected, 0.03);
  }
}

// The move is cut by the box, and the prediction is of what was left of it.
TEST(BlockParts, TrustRegion_PredictsTheMoveInsideTheBox) {
  BlockOptions options = Options(2);
  options.quadratic_model = true;
  options.radius_control = RadiusControl::kTrustRegion;
  options.step_radius = Constant(1.0);
  BlockRule rule({Space({2}, 2.0), 3, false}, options);
  rule.StartAt({1.9, 0.0});
  Step(rule, 0, Sphere(3.0));
  EXPECT_EQ(rule.center()[0], 2.0);
  EXPECT_EQ(Step(rule, 1, Sphere(3.0)).step_radius, 1.5);
}

// At an endless temperature all that moves is the Newton step: 0.3 of half the radius.
TEST(BlockParts, QuadraticModel_RefinesTheMove) {
  BlockOptions options = Options(3);
  options.quadratic_model = true;
  options.transport.epsilon = Constant(1e12);
  BlockRule rule({Space({3}, 9.0), 3, false}, options);
  Step(rule, 0, Sphere(5.0));
  EXPECT_NEAR(rule.center()[0], 0.3 * 0.05, 1e-9);
  EXPECT_NEAR(rule.center()[1], 0.0, 1e-9);
}

TEST(BlockParts, BiasedRotation_RepeatsTheLastMove) {
  BlockOptions options = Options(3);
  options.biased_rotation = true;
  BlockRule rule({Space({3}, 9.0), 3, false}, options);
  Step(rule, 0, Sphere(5.0));
  const std::vector<double> move = CenterOf(rule);  // it began at 0
  const std::vector<double> points = Candidates(rule, 1);
  double length = 0.0;
  for (const double m : move) length += m * m;
  for (size_t j = 0; j < 3; ++j) {
    EXPECT_NEAR(points[j] - move[j], 0.01 * move[j] / std::sqrt(length), 1e-12);
  }
}

// Drawn anew in every step, nothing is left to repeat: neither directions nor momentum.
TEST(BlockParts, RedrawOfEveryStep_ForgetsWhatWasGathered) {
  BlockOptions plain = Options(4);
  plain.subspace = HybridOptions{2, {}};
  plain.redraw_every = 1;
  BlockOptions gathering = plain;
  gathering.biased_rotation = true;
  gathering.accumulator.momentum = Constant(0.9);
  BlockRule a({Space({6, 5}, 9.0), 3, false}, plain);
  BlockRule b({Space({6, 5}, 9.0), 3, false}, gathering);
  for (int64_t step = 0; step < 4; ++step) {
    EXPECT_EQ(Candidates(a, step), Candidates(b, step)) << step;
    Step(a, step, Sphere(5.0));
    Step(b, step, Sphere(5.0));
  }
  EXPECT_EQ(CenterOf(a), CenterOf(b));
}

TEST(BlockParts, Redraw_MovesNothingAndForgetsTheDuals) {
  BlockOptions options = Options(4);
  options.subspace = HybridOptions{2, {}};
  options.redraw_every = 3;
  options.transport.solver = Solver::kSinkhorn;
  options.accumulator.momentum = Constant(0.9);
  BlockRule rule({Space({6, 5}, 9.0), 3, false}, options);
  const auto size = [&] {
    ByteWriter writer;
    rule.Save(writer);
    return writer.bytes().size();
  };
  const size_t fresh = size();
  for (int64_t step = 0; step < 2; ++step) {
    Step(rule, step, Sphere(5.0));
    EXPECT_GT(size(), fresh);
  }
  // Flat losses: momentum alone moves, and the step after it the basis is another.
  std::vector<double> before = CenterOf(rule);
  Step(rule, 2, Flat);
  EXPECT_NE(CenterOf(rule), before);
  EXPECT_EQ(size(), fresh);
  before = CenterOf(rule);
  Step(rule, 3, Flat);
  EXPECT_EQ(CenterOf(rule), before);
}

TEST(BlockParts, SubspaceCandidates_DifferInTheirBlockOfDirections) {
  BlockOptions options = Options(4);
  options.subspace = HybridOptions{1, {}};
  BlockRule rule({Space({5, 4}, 9.0), 3, false}, options);
  EXPECT_EQ(rule.Shape().rows, 3u);  // 9 coordinates
  const std::vector<double> points = Candidates(rule, 0);
  for (size_t n = 0; n < points.size(); n += 20) {
    double square = 0.0;
    for (size_t j = 0; j < 20; ++j) square += points[n + j] * points[n + j];
    // Orthonormal directions keep lengths; the last block has one coordinate and three of padding.
    if (n < 2 * 8 * 20) {
      EXPECT_NEAR(std::sqrt(square), 0.01, 1e-12);
    } else {
      EXPECT_LE(std::sqrt(square), 0.01 + 1e-12);
    }
  }
}

}  // namespace
}  // namespace polystep
