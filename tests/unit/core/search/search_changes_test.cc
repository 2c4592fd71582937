// Candidates given as what sets them apart from the center are the same candidates.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/search/search.h"
#include "tests/unit/core/search/search_drive.h"

namespace polystep {
namespace {

SearchSpec BlockSpec(Noise noise) {
  SearchSpec spec;
  spec.tensors = {{"w", {23}, TensorKind::kReal, -1.0, 1.0, {Initializer::Kind::kUniform, 3.0}}};
  spec.optimizer.method = Method::kBlock;
  spec.optimizer.particle_dim = 5;
  spec.optimizer.probes = 2;
  spec.noise = noise;
  spec.repeats = noise == Noise::kNone ? 1 : 2;
  spec.seed = 3;
  return spec;
}

SearchSpec FlipSpec(Noise noise) {
  SearchSpec spec = BlockSpec(noise);
  spec.tensors = {{"b", {41}, TensorKind::kBinary, {}, {}, {}}};
  spec.optimizer = OptimizerSpec();
  return spec;
}

// The center is a candidate: it has no changes.
SearchSpec ModelSpec(Noise noise) {
  SearchSpec spec = BlockSpec(noise);
  spec.optimizer.probes = 1;
  spec.optimizer.quadratic_model = true;
  return spec;
}

// Every run of indices of the open step, once whole and once as changes.
void ExpectSameCandidates(const Search& search, uint32_t count) {
  const uint32_t width = search.ChangeWidth();
  ASSERT_GT(width, 0u);
  const auto dimension = static_cast<size_t>(search.space()->dimension());
  for (uint32_t run : {1u, 3u, count}) {
    for (uint32_t first = 0; first < count; first += run) {
      const uint32_t here = std::min(run, count - first);
      std::vector<double> whole(here * dimension);
      std::vector<SearchSpace::Range> ranges(here);
      std::vector<double> values(size_t{here} * width);
      search.Candidates(first, here, absl::MakeSpan(whole));
      search.Changes(first, absl::MakeSpan(ranges), absl::MakeSpan(values));
      for (size_t n = 0; n < here; ++n) {
        std::vector<double> made(search.center().begin(), search.center().end());
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(n * width), ranges[n].size,
                    made.begin() + ranges[n].first);
        EXPECT_EQ(made, std::vector<double>(whole.begin() + n * dimension,
                                            whole.begin() + (n + 1) * dimension))
            << "index " << first + n;
      }
    }
  }
}

TEST(SearchChanges, EveryIndexOfAStep_IsTheCandidateBitForBit) {
  for (Noise noise : {Noise::kNone, Noise::kSeeded}) {
    for (const SearchSpec& spec : {BlockSpec(noise), ModelSpec(noise), FlipSpec(noise)}) {
      auto search = Search::Create(spec);
      ASSERT_TRUE(search.ok()) << search.status();
      for (int step = 0; step < 7; ++step) {
        ExpectSameCandidates(*search, search->Open(1'000'000).count);
        CloseWith(*search, Sphere(0.9));
      }
    }
  }
}

TEST(SearchChanges, WholeCandidates_HaveNoWidth) {
  SearchSpec spec;
  spec.parameters = RealParameters(3);
  auto metric = Search::Create(spec);
  ASSERT_TRUE(metric.ok());
  EXPECT_EQ(metric->ChangeWidth(), 0u);

  spec = BlockSpec(Noise::kNone);
  spec.tensors[0].shape = {5, 5};
  spec.optimizer.subspace.emplace();
  auto subspace = Search::Create(spec);
  ASSERT_TRUE(subspace.ok()) << subspace.status();
  EXPECT_EQ(subspace->ChangeWidth(), 0u) << "a direction changes a whole tensor";

  spec = BlockSpec(Noise::kNone);
  spec.initial_points = {{{{}, {std::vector<float>(23, 0.5f)}}, {}}};
  auto points = Search::Create(spec);
  ASSERT_TRUE(points.ok());
  EXPECT_EQ(points->ChangeWidth(), 0u) << "step 0 evaluates the given points";
  CloseWith(*points, Sphere(0.9));
  EXPECT_EQ(points->ChangeWidth(), 5u);
  ExpectSameCandidates(*points, points->Open(1'000'000).count);
}

}  // namespace
}  // namespace polystep
