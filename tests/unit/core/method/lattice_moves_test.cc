#include "core/method/lattice_moves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/unit/core/space/random_space.h"

namespace polystep {
namespace {

SearchSpace Numbers() {
  return *SearchSpace::Create({{"n", IntegerDomain{0, 96, Scale::kLinear, {}}}}, {});
}

TEST(LatticeMoves, EveryMove_ChangesThePointAndStaysInTheSpace) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const SearchSpace space = RandomSpace(seed);
    const LatticeMoves moves(space);
    if (moves.empty()) continue;
    RandomStream stream(seed, 5, 0, Draw::kJitter);
    std::vector<double> base(static_cast<size_t>(space.dimension()));
    for (double& c : base) c = stream.Uniform();
    space.Clamp(absl::MakeSpan(base));
    int changed = 0;
    for (int n = 0; n < 40; ++n) {
      std::vector<double> point = base;
      moves.Mutate(stream, n % 2 == 0 ? 1.0 : -1.0, absl::MakeSpan(point));
      std::vector<double> clamped = point;
      space.Clamp(absl::MakeSpan(clamped));
      EXPECT_EQ(clamped, point);
      changed += space.DecodedKey(point) != space.DecodedKey(base) ? 1 : 0;
      for (size_t i = 0; i < point.size(); ++i) {
        const bool real = space.coordinates()[i].spacing == 0.0;
        EXPECT_TRUE(!real || point[i] == base[i]);
      }
    }
    // Moves of two steps may come back, and widths on curved scales differ by side.
    EXPECT_GT(changed, 15);
  }
}

TEST(LatticeMoves, Steps_AreMostlyShortButReachFar) {
  const SearchSpace space = Numbers();
  const LatticeMoves moves(space);
  RandomStream stream(1, 0, 0, Draw::kJitter);
  std::map<int64_t, int> steps;
  int far = 0;
  for (int n = 0; n < 4000; ++n) {
    std::vector<double> point = {48.5 / 97.0};
    moves.Mutate(stream, 1.0, absl::MakeSpan(point));
    const int64_t step = std::get<int64_t>(space.Decode(point).parameters[0]) - 48;
    ++steps[step];
    far += std::abs(step) > 20 ? 1 : 0;
  }
  EXPECT_GT(steps[1], 350);
  EXPECT_GT(steps[-1], 350);
  EXPECT_GT(far, 100);
}

TEST(LatticeMoves, EqualStreams_AreAntipodalPairs) {
  const SearchSpace space = Numbers();
  const LatticeMoves moves(space);
  int mirrored = 0;
  for (uint32_t row = 0; row < 100; ++row) {
    std::vector<double> plus = {48.5 / 97.0};
    std::vector<double> minus = plus;
    RandomStream one(9, 0, row, Draw::kJitter);
    RandomStream two(9, 0, row, Draw::kJitter);
    moves.Mutate(one, 1.0, absl::MakeSpan(plus));
    moves.Mutate(two, -1.0, absl::MakeSpan(minus));
    mirrored += std::fabs(plus[0] + minus[0] - 1.0) < 1e-9 ? 1 : 0;
  }
  EXPECT_GT(mirrored, 90);  // all but those turned back at an end
}

TEST(LatticeMoves, AtTheUpperEnd_StillLeavesItsCell) {
  for (int64_t max : {1, 2, 96}) {
    const auto space = SearchSpace::Create({{"n", IntegerDomain{0, max, Scale::kLinear, {}}}}, {});
    const LatticeMoves moves(*space);
    int changed = 0;
    for (uint32_t row = 0; row < 100; ++row) {
      std::vector<double> point = {1.0};
      RandomStream stream(4, 0, row, Draw::kJitter);
      moves.Mutate(stream, 1.0, absl::MakeSpan(point));
      changed += std::get<int64_t>(space->Decode(point).parameters[0]) != max ? 1 : 0;
    }
    EXPECT_GT(changed, 50) << max;
  }
}

TEST(LatticeMoves, RealsAndConstants_HaveNone) {
  RealDomain real;
  real.min = 0.0;
  real.max = 1.0;
  RealDomain constant = real;
  constant.max = 0.0;
  const auto space = SearchSpace::Create({{"x", real},
                                          {"c", constant},
                                          {"n", IntegerDomain{3, 3, Scale::kLinear, {}}},
                                          {"one", CategoricalDomain{{"only"}, {}}}},
                                         {});
  ASSERT_TRUE(space.ok());
  EXPECT_TRUE(LatticeMoves(*space).empty());
}

}  // namespace
}  // namespace polystep
