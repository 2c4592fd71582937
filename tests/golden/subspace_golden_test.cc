// Groups hybrid_subspace, entry_seed, and the parts of the reference that are no part of this
// service: the progressive schedule of group schedules, and cma_hyper. Those are written down here,
// so that the vectors are known to mean what the design says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/frames/polytope.h"
#include "core/subspace/hybrid_layout.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

TEST(GoldenHybridSubspace, EveryModel_SameCoordinatesParticlesAndEvaluations) {
  ASSERT_EQ(GoldenGroup("hybrid_subspace").size(), 10u);
  for (const auto& [name, golden] : GoldenGroup("hybrid_subspace").items()) {
    SCOPED_TRACE(name);
    std::vector<std::vector<int64_t>> shapes;
    for (const auto& shape : golden.at("shapes")) {
      shapes.push_back(shape.at(1).get<std::vector<int64_t>>());
    }
    HybridOptions options;
    options.rank = golden.at("rank").get<uint32_t>();
    if (!golden.at("max_subspace_dim").is_null()) {
      options.max_dimension = golden.at("max_subspace_dim").get<uint32_t>();
    }
    const std::vector<LayoutEntry> layout = HybridLayout(shapes, options);
    int64_t numbers = 0;
    for (size_t n = 0; n < layout.size(); ++n) {
      const auto& expected = golden.at("per_entry_coords").at(n);
      EXPECT_EQ(layout[n].size, expected.at(1).get<int64_t>());
      EXPECT_EQ(layout[n].coordinates, expected.at(2).get<int64_t>());
      EXPECT_EQ(layout[n].compressed, expected.at(3).get<bool>());
      numbers += layout[n].size;
    }
    const int64_t size = CoordinatesOf(layout);
    const int64_t particles = (size + 7) / 8;
    EXPECT_EQ(numbers, golden.at("total_params").get<int64_t>());
    EXPECT_EQ(size, golden.at("subspace_dim").get<int64_t>());
    EXPECT_EQ(8 * particles, golden.at("padded").get<int64_t>());
    EXPECT_EQ(particles, golden.at("particles_d8").get<int64_t>());
    EXPECT_EQ(particles * VertexCount(Polytope::kOrthoplex, 8),
              golden.at("evals_per_step_orthoplex").get<int64_t>());
    EXPECT_EQ(particles * VertexCount(Polytope::kSimplex, 8),
              golden.at("evals_per_step_simplex").get<int64_t>());
  }
}

// The reference's seed of a basis. Ours are keyed by (seed, epoch, coordinate): sums of similar
// short texts mix badly.
uint32_t EntrySeed(const std::string& text) {
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) & 0x7fffffff;
}

TEST(GoldenEntrySeed, Adler_SameSeeds) {
  for (const auto& golden : GoldenGroup("entry_seed")) {
    std::string text;
    for (const auto& part : golden.at("parts")) {
      if (!text.empty()) text += '|';
      text += part.is_string() ? part.get<std::string>() : part.dump();
    }
    EXPECT_EQ(EntrySeed(text), golden.at("seed").get<uint32_t>()) << text;
  }
}

TEST(GoldenProgressiveSchedule, FromIterations_SameSequence) {
  for (const auto& golden : GoldenGroup("schedules")) {
    if (golden.at("kind") != "progressive_defaults") continue;
    const auto of = [&](const char* key) { return golden.at(key).get<double>(); };
    double current = of("init");
    double smoothed = of("init");
    for (const auto& step : golden.at("sequence")) {
      const double share = step.at("n_iters").get<double>() / step.at("max").get<double>();
      if (!step.at("converged").get<bool>() || share > of("slow")) {
        current = std::min(current * of("increase"), of("max_epsilon"));
      } else if (share < of("fast")) {
        current = std::max(current * of("decrease"), of("target"));
      }
      smoothed = of("ema") * smoothed + (1.0 - of("ema")) * current;
      smoothed = std::clamp(smoothed, of("target"), of("max_epsilon"));
      EXPECT_NEAR(current, step.at("current").get<double>(), kGoldenTolerance);
      EXPECT_NEAR(smoothed, step.at("eps").get<double>(), kGoldenTolerance);
    }
  }
}

TEST(GoldenCmaConstants, SeparableCma_Same) {
  for (const auto& [name, golden] : GoldenGroup("cma_hyper").items()) {
    SCOPED_TRACE(name);
    const double n = std::stod(name.substr(1));
    const double mu = std::stod(name.substr(name.find("mu") + 2));
    const double c1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu);
    const double c_sigma = (mu + 2.0) / (n + mu + 3.0);
    const double expected_norm = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
    ExpectClose({c_sigma, 4.0 / (n + 4.0), c1,
                 std::min(1.0 - c1, 2.0 * (mu - 2.0 + 1.0 / mu) / ((n + 2.0) * (n + 2.0) + mu)),
                 1.0 + 2.0 * std::max(0.0, std::sqrt((mu - 1.0) / (n + 1.0)) - 1.0) + c_sigma,
                 expected_norm},
                {golden.at("c_sigma").get<double>(), golden.at("c_c").get<double>(),
                 golden.at("c_1").get<double>(), golden.at("c_mu").get<double>(),
                 golden.at("d_sigma").get<double>(), golden.at("expected_norm").get<double>()});
  }
}

}  // namespace
}  // namespace polystep
