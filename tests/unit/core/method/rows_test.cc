#include "core/method/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>

namespace polystep {
namespace {

using Loss = std::function<double(absl::Span<const double>)>;

std::shared_ptr<const SearchSpace> Space(std::vector<std::vector<int64_t>> shapes,
                                         std::optional<double> bound = {}) {
  std::vector<TensorSpec> tensors;
  for (size_t i = 0; i < shapes.size(); ++i) {
    TensorSpec tensor;
    tensor.name = std::string(1, static_cast<char>('a' + i));
    tensor.shape = shapes[i];
    if (bound) tensor.min = -*bound;
    tensor.max = bound;
    tensor.initializer.kind = Initializer::Kind::kUniform;
    tensor.initializer.scale = 0.5;
    tensors.push_back(tensor);
  }
  return std::make_shared<const SearchSpace>(*SearchSpace::Create({}, tensors));
}

RowsOptions Options(double step, double probe) {
  RowsOptions options;
  options.step_radius.initial = step;
  options.probe_radius.initial = probe;
  return options;
}

struct Answered {
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
};

Answered Ask(const RowsRule& rule, int64_t step, const Loss& loss) {
  const uint32_t count = rule.Shape().count();
  std::vector<double> points(count * rule.center().size());
  rule.Candidates(step, 0, count, absl::MakeSpan(points));
  Answered answered;
  for (uint32_t n = 0; n < count; ++n) {
    answered.losses.push_back(
        loss(absl::MakeConstSpan(points).subspan(n * rule.center().size(), rule.center().size())));
  }
  answered.outcomes.assign(count, Outcome::kLoss);
  return answered;
}

double Sphere(absl::Span<const double> x) {
  double sum = 0.0;
  for (double c : x) sum += (c - 1.0) * (c - 1.0);
  return sum;
}

double Drive(RowsRule& rule, int64_t steps, const Loss& loss) {
  for (int64_t step = 0; step < steps; ++step) {
    const Answered answered = Ask(rule, step, loss);
    rule.Update({step, rule.Shape().rows, answered.losses, answered.outcomes});
  }
  return loss(rule.center());
}

TEST(RowsOf, Tensors_AreCutIntoTheirRows) {
  const auto rows = RowsOf(*Space({{3, 5}, {7}, {2, 2, 3}, {1, 10'000}}));
  std::vector<int64_t> sizes;
  std::vector<uint32_t> tensors;
  int64_t next = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(row.range.first, next);
    next += row.range.size;
    sizes.push_back(row.range.size);
    tensors.push_back(row.tensor);
  }
  EXPECT_EQ(tensors, (std::vector<uint32_t>{0, 0, 0, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(sizes, (std::vector<int64_t>{5, 5, 5, 7, 6, 6, 3333, 3333, 3334}));
}

TEST(RowsRule, Candidates_MoveOneRowBothWays) {
  RowsRule rule({Space({{3, 50}, {8}}), 5, true}, Options(0.1, 2.0));
  const uint32_t count = rule.Shape().count();
  EXPECT_EQ(count, 4u * 8);
  std::vector<SearchSpace::Range> ranges(count);
  std::vector<double> values(count * rule.ChangeWidth());
  rule.Changes(0, 0, absl::MakeSpan(ranges), absl::MakeSpan(values));
  double squares = 0.0;
  for (uint32_t row = 0; row < 4; ++row) {
    for (uint32_t j = 0; j < 4; ++j) {
      const uint32_t plus = row * 8 + j;
      EXPECT_EQ(ranges[plus].first, row * 50);
      EXPECT_EQ(ranges[plus].size, row < 3 ? 50 : 8);
      for (int64_t i = 0; i < ranges[plus].size; ++i) {
        const double center = rule.center()[static_cast<size_t>(ranges[plus].first + i)];
        const double up = values[plus * rule.ChangeWidth() + static_cast<size_t>(i)] - center;
        const double down =
            values[(plus + 4) * rule.ChangeWidth() + static_cast<size_t>(i)] - center;
        EXPECT_NEAR(up, -down, 1e-6);
        if (row < 3) squares += up * up;
      }
    }
  }
  EXPECT_NEAR(squares / 12, 4.0, 1.0);  // of the probe radius
}

TEST(RowsRule, Sphere_IsFound) {
  RowsOptions options = Options(0.5, 0.1);
  options.step_radius.kind = Schedule::Kind::kRamp;
  options.step_radius.target = 1e-4;
  options.step_radius.total_steps = 400;
  RowsRule rule({Space({{4, 30}, {10}}), 5, false}, options);
  const double start = Sphere(rule.center());
  EXPECT_LT(Drive(rule, 400, Sphere), 1e-3 * start);
}

TEST(RowsRule, LossesOfOneRow_MoveNoOther) {
  RowsRule rule({Space({{3, 20}}), 5, false}, Options(0.1, 0.1));
  const std::vector<double> before(rule.center().begin(), rule.center().end());
  Drive(rule, 1, [](absl::Span<const double> x) { return Sphere(x.subspan(20, 20)); });
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(rule.center()[i] == before[i], i < 20 || i >= 40) << i;
  }
}

TEST(RowsRule, ScaledLossesOfARow_MoveItAlike) {
  const auto run = [](double scale) {
    RowsRule rule({Space({{2, 20}}), 5, false}, Options(0.1, 0.1));
    Drive(rule, 5, [&](absl::Span<const double> x) {
      return Sphere(x.subspan(0, 20)) + scale * Sphere(x.subspan(20, 20));
    });
    return std::vector<double>(rule.center().begin(), rule.center().end());
  };
  const auto one = run(1.0);
  const auto other = run(1024.0);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-4) << i;
}

TEST(RowsRule, RowWithoutAnswers_Stays) {
  RowsRule rule({Space({{3, 20}}), 5, false}, Options(0.1, 0.1));
  Answered answered = Ask(rule, 0, Sphere);
  std::fill_n(answered.outcomes.begin() + 8, 8, Outcome::kMissing);
  const std::vector<double> before(rule.center().begin(), rule.center().end());
  rule.Update({0, 3, answered.losses, answered.outcomes});
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(rule.center()[i] == before[i], i >= 20 && i < 40) << i;
  }
}

TEST(RowsRule, FlatRow_IsProbedFartherUntilSomethingChanges) {
  RowsRule rule({Space({{2, 20}}), 5, false}, Options(0.1, 0.1));
  const auto distance = [&](int64_t step, uint32_t row) {
    std::vector<SearchSpace::Range> range(1);
    std::vector<double> values(20);
    rule.Changes(step, row * 8, absl::MakeSpan(range), absl::MakeSpan(values));
    double sum = 0.0;
    for (size_t i = 0; i < 20; ++i) sum += std::fabs(values[i] - rule.center()[row * 20 + i]);
    return sum / 20 / 0.1 * std::sqrt(20.0);
  };
  // The second row matters nothing as long as it stays within 2.
  const Loss loss = [&](absl::Span<const double> x) {
    double far = 0.0;
    for (size_t i = 20; i < 40; ++i) far = std::max(far, std::fabs(x[i] - rule.center()[i]));
    return Sphere(x.subspan(0, 20)) + (far > 0.4 ? far : 0.0);
  };
  double farthest = 0.0;
  for (int64_t step = 0; step < 40; ++step) {
    EXPECT_LT(distance(step, 0), 2.0);
    farthest = std::max(farthest, distance(step, 1));
    const Answered answered = Ask(rule, step, loss);
    rule.Update({step, 2, answered.losses, answered.outcomes});
  }
  EXPECT_GT(farthest, 4.0);
  EXPECT_LT(farthest, 16.0);
}

TEST(RowsRule, Bounds_HoldForCandidatesAndCenter) {
  const auto space = Space({{3, 20}}, 0.75);
  RowsRule rule({space, 5, false}, Options(0.3, 3.0));
  bool touched = false;
  const double loss = Drive(rule, 50, [&](absl::Span<const double> x) {
    for (double c : x) {
      EXPECT_LE(std::fabs(c), 0.75);
      touched = touched || c == 0.75;
    }
    return Sphere(x);
  });
  EXPECT_TRUE(touched);
  EXPECT_LT(loss, 2.0 * 60 * 0.0625);
}

// Equal losses move nothing, so what is left of a coordinate is what decay leaves of it.
TEST(RowsRule, Decay_ShrinksWeightsByTheStepRadius) {
  const auto space = Space({{3, 20}});
  RowsOptions options = Options(0.1, 0.1);
  options.step_radius = {Schedule::Kind::kRamp, 0.1, 0.05, 0.0, 2, 1.0};
  options.weight_decay = 0.5;
  RowsRule rule({space, 5, false}, options);
  const std::vector<double> start(rule.center().begin(), rule.center().end());
  Drive(rule, 2, [](absl::Span<const double>) { return 1.0; });
  for (size_t i = 0; i < start.size(); ++i) {
    EXPECT_NEAR(rule.center()[i], 0.95 * 0.975 * start[i], 1e-7);
    EXPECT_EQ(rule.center()[i], static_cast<float>(rule.center()[i]));
  }
}

TEST(RowsRule, RestoredState_GoesOnWithTheSameBits) {
  const auto space = Space({{3, 20}, {4}});
  RowsRule rule({space, 5, false}, Options(0.1, 0.1));
  Drive(rule, 3, Sphere);
  ByteWriter writer;
  rule.Save(writer);
  RowsRule other({space, 5, false}, Options(0.1, 0.1));
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(other.Restore(reader));
  for (int64_t step = 3; step < 6; ++step) {
    const Answered answered = Ask(rule, step, Sphere);
    EXPECT_EQ(answered.losses, Ask(other, step, Sphere).losses);
    rule.Update({step, rule.Shape().rows, answered.losses, answered.outcomes});
    other.Update({step, rule.Shape().rows, answered.losses, answered.outcomes});
  }
  EXPECT_TRUE(std::equal(rule.center().begin(), rule.center().end(), other.center().begin()));
}

}  // namespace
}  // namespace polystep
