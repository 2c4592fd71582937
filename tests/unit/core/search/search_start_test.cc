// Initial points and parallelism mean the same for every method.
#include <gtest/gtest.h>

#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

constexpr Method kMethods[] = {Method::kAutomatic, Method::kMetric, Method::kPopulation,
                               Method::kBlock, Method::kFlip};
constexpr Noise kNoises[] = {Noise::kNone, Noise::kSeeded, Noise::kNoisy};

// Twelve bits for flips, else four reals.
SearchSpec Spec(Method method, Noise noise) {
  SearchSpec spec;
  spec.seed = 9;
  spec.noise = noise;
  spec.optimizer.method = method;
  spec.parameters = RealParameters(4);
  if (method == Method::kFlip) spec.parameters = IntegerParameters(12, 1);
  return spec;
}

Point PointOf(const SearchSpec& spec, double real) {
  Point point;
  for (const ParameterSpec& parameter : spec.parameters) {
    if (std::holds_alternative<RealDomain>(parameter.domain)) {
      point.parameters.emplace_back(real);
    } else {
      point.parameters.emplace_back(int64_t{real > 0.0});
    }
  }
  return point;
}

TEST(SearchStart, UnknownPoints_AreStepZeroAndTheBestOneIsTheStart) {
  for (Method method : kMethods) {
    for (Noise noise : kNoises) {
      SearchSpec spec = Spec(method, noise);
      spec.initial_points = {{PointOf(spec, -4.0), {}}, {PointOf(spec, 1.0), {}}};
      auto search = Search::Create(spec);
      ASSERT_TRUE(search.ok()) << search.status();
      const ClosedStep closed = CloseWith(*search, Sphere(1.0));
      EXPECT_EQ(closed.plan.count, 2u) << static_cast<int>(method);
      EXPECT_EQ(closed.losses[1], 0.0);
      EXPECT_EQ(search->space()->Decode(search->center()), spec.initial_points[1].point)
          << static_cast<int>(method) << static_cast<int>(noise);
      EXPECT_EQ(search->best().has_value(), noise == Noise::kNone);  // else scores say
    }
  }
}

TEST(SearchStart, KnownPoint_IsTheStartUnlessAnUnknownOneIsBetter) {
  for (Method method : kMethods) {
    for (double told : {7.0, 0.5}) {
      SearchSpec spec = Spec(method, Noise::kNone);
      spec.initial_points = {{PointOf(spec, -2.0), 2.0}, {PointOf(spec, 3.0), {}}};
      auto search = Search::Create(spec);
      ASSERT_TRUE(search.ok()) << search.status();
      EXPECT_EQ(search->best()->step, -1);
      CloseWith(*search, [&](const Point&, uint64_t) { return Answer{told}; });
      const size_t better = told < 2.0 ? 1 : 0;
      EXPECT_EQ(search->space()->Decode(search->center()), spec.initial_points[better].point);
      EXPECT_EQ(search->best()->loss, told < 2.0 ? told : 2.0);
    }
  }
}

TEST(SearchStart, UnknownPointThatViolates_DoesNotReplaceAKnownOne) {
  for (Method method : kMethods) {
    SearchSpec spec = Spec(method, Noise::kNone);
    spec.initial_points = {{PointOf(spec, -2.0), 2.0}, {PointOf(spec, 3.0), {}}};
    auto search = Search::Create(spec);
    ASSERT_TRUE(search.ok()) << search.status();
    CloseWith(*search, [](const Point&, uint64_t) { return Answer{-9.0, Outcome::kLoss, 0.5}; });
    EXPECT_EQ(search->space()->Decode(search->center()), spec.initial_points[0].point);
    EXPECT_EQ(search->best()->loss, 2.0);
  }
}

TEST(SearchStart, Parallelism_IsOfferedInEveryStep) {
  for (Method method : kMethods) {
    for (Noise noise : kNoises) {
      SearchSpec spec = Spec(method, noise);
      spec.optimizer.parallelism = method == Method::kFlip ? 11 : 50;
      auto search = Search::Create(spec);
      ASSERT_TRUE(search.ok()) << search.status();
      EXPECT_GE(search->effective_optimizer().parallelism, spec.optimizer.parallelism);
      for (int n = 0; n < 40; ++n) {
        ASSERT_GE(CloseWith(*search, Sphere(1.0)).plan.count, spec.optimizer.parallelism)
            << static_cast<int>(method) << " step " << n;
      }
    }
  }
}

}  // namespace
}  // namespace polystep
