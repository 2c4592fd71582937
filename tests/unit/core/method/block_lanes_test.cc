// Steps of many blocks, which are moved in lanes, against the candidates that they are made of.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/method/block.h"
#include "core/random/random_stream.h"
#include "core/transport/softmax_lanes.h"
#include "core/transport/transport_weights.h"

namespace polystep {
namespace {

constexpr double kEpsilon = 0.7;
constexpr double kStep = 0.1;
constexpr double kProbe = 0.04;  // a candidate is half of it away

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  return schedule;
}

struct Study {
  std::shared_ptr<const SearchSpace> space;
  BlockOptions options;
  uint32_t rows = 0;
};

Study StudyOf(uint32_t particle_dim, Polytope polytope) {
  const uint32_t rows = 3 * kSoftmaxRows + 5;
  // The last block is short by one coordinate.
  const int64_t size = int64_t{rows} * particle_dim - (particle_dim > 1 ? 1 : 0);
  const TensorSpec tensor{"x", {size}, TensorKind::kReal, {}, {}, {}};
  Study study;
  study.space = std::make_shared<const SearchSpace>(*SearchSpace::Create({}, {tensor}));
  study.rows = rows;
  study.options.particle_dim = particle_dim;
  study.options.polytope = polytope;
  study.options.transport.epsilon = Constant(kEpsilon);
  study.options.step_radius = Constant(kStep);
  study.options.probe_radius = Constant(kProbe);
  return study;
}

// Weighted mean of a row's candidates, as far from the center as a step goes.
void ExpectBarycenter(const Study& study, const BlockRule& rule, absl::Span<const double> before,
                      absl::Span<const double> losses, absl::Span<const double> values) {
  const size_t dim = study.options.particle_dim;
  const size_t width = losses.size() / study.rows;
  for (size_t row = 0; row < study.rows; ++row) {
    std::vector<double> weights(width);
    const std::vector<Outcome> outcomes(width, Outcome::kLoss);
    WeightOptions options;
    options.epsilon = kEpsilon;
    TransportWeights(
        options, {1, static_cast<uint32_t>(width), losses.subspan(row * width, width), outcomes},
        nullptr, absl::MakeSpan(weights));
    for (size_t j = 0; j < dim && row * dim + j < before.size(); ++j) {
      double move = 0.0;
      for (size_t v = 0; v < width; ++v) {
        move += weights[v] * (values[(row * width + v) * dim + j] - before[row * dim + j]);
      }
      ASSERT_NEAR(rule.center()[row * dim + j] - before[row * dim + j],
                  kStep / (0.5 * kProbe) * move, 1e-12)
          << "dim " << dim << " row " << row << " coordinate " << j;
    }
  }
}

TEST(BlockLanes, EveryDimension_MovesToTheBarycenterOfItsCandidates) {
  for (const Polytope polytope : {Polytope::kOrthoplex, Polytope::kSimplex}) {
    for (uint32_t dim = 1; dim <= 16; ++dim) {
      const Study study = StudyOf(dim, polytope);
      BlockRule rule({study.space, 11, false}, study.options);
      for (int64_t step = 0; step < 2; ++step) {
        const uint32_t count = rule.Shape().count();
        std::vector<SearchSpace::Range> ranges(count);
        std::vector<double> values(size_t{count} * dim);
        rule.Changes(step, 0, absl::MakeSpan(ranges), absl::MakeSpan(values));
        RandomStream stream(5, static_cast<uint64_t>(step), dim, Draw::kInitial);
        std::vector<double> losses(count);
        for (double& loss : losses) loss = stream.Normal();
        const std::vector<double> before(rule.center().begin(), rule.center().end());
        rule.Update({step, study.rows, losses, std::vector<Outcome>(count, Outcome::kLoss)});
        ASSERT_NO_FATAL_FAILURE(ExpectBarycenter(study, rule, before, losses, values));
      }
    }
  }
}

// A hole takes its row, and those that are solved with it, out of the lanes.
TEST(BlockLanes, OneHole_MovesOtherRowsTheSame) {
  for (const uint32_t dim : {1u, 2u, 3u, 4u, 8u, 16u}) {
    const Study study = StudyOf(dim, Polytope::kOrthoplex);
    BlockRule whole({study.space, 11, false}, study.options);
    BlockRule holed({study.space, 11, false}, study.options);
    const uint32_t count = whole.Shape().count();
    RandomStream stream(5, 0, dim, Draw::kInitial);
    std::vector<double> losses(count);
    for (double& loss : losses) loss = stream.Normal();
    std::vector<Outcome> outcomes(count, Outcome::kLoss);
    whole.Update({0, study.rows, losses, outcomes});
    const size_t row = kSoftmaxRows + 3;
    outcomes[row * 2 * dim] = Outcome::kMissing;
    holed.Update({0, study.rows, losses, outcomes});
    for (size_t n = 0; n < whole.center().size(); ++n) {
      if (n / dim == row) continue;
      ASSERT_EQ(whole.center()[n], holed.center()[n]) << "dim " << dim << " coordinate " << n;
    }
  }
}

}  // namespace
}  // namespace polystep
