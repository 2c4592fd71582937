// Groups ask_tell_round, ask_tell_round_2_particles, multi_particle_step and
// linear_regime_identity: whole steps of the two reference presets, with the rotations given.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/frames/polytope.h"
#include "core/frames/rotation.h"
#include "core/method/barycenter.h"
#include "core/method/block.h"
#include "core/method/population.h"
#include "core/method/rotation_tile.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

// sum(A t^2) + 0.3 t0 t2.
double BlockLoss(const std::vector<double>& t) {
  const double a[] = {1.0, 2.0, 0.5, 3.0};
  double sum = 0.3 * t[0] * t[2];
  for (size_t i = 0; i < 4; ++i) sum += a[i] * t[i] * t[i];
  return sum;
}

std::vector<double> RotationOfAngle(double radians) {
  std::vector<double> rotation(4);
  PlaneRotation(radians / 6.283185307179586476925, absl::MakeSpan(rotation));
  return rotation;
}

struct BlockStep {
  std::vector<double> theta;
  std::vector<std::vector<double>> rotations;  // one a block of two coordinates
  double epsilon = 1.0;
  double step_radius = 1.0;
  double distance = 1.0;
};

struct BlockResult {
  std::vector<double> probes;  // the changed blocks only
  std::vector<double> losses;
  std::vector<double> weights;
  std::vector<double> theta;
};

BlockResult RunBlockStep(const BlockStep& step) {
  const std::vector<double> vertices = PolytopeVertices(Polytope::kOrthoplex, 2);
  BlockResult result;
  result.theta = step.theta;
  for (size_t row = 0; row < 2; ++row) {
    for (size_t v = 0; v < 4; ++v) {
      std::vector<double> probe = step.theta;
      std::vector<double> displacement(2);
      ProbeDisplacement(step.rotations[row], absl::MakeConstSpan(vertices).subspan(2 * v, 2),
                        step.distance, absl::MakeSpan(displacement));
      for (size_t j = 0; j < 2; ++j) probe[2 * row + j] += displacement[j];
      result.probes.insert(result.probes.end(), {probe[2 * row], probe[2 * row + 1]});
      result.losses.push_back(BlockLoss(probe));
    }
  }
  WeightOptions options;
  options.scale = LossScale::kNone;
  options.epsilon = step.epsilon;
  result.weights.resize(8);
  const std::vector<Outcome> outcomes(8, Outcome::kLoss);
  TransportWeights(options, {2, 4, result.losses, outcomes}, nullptr,
                   absl::MakeSpan(result.weights));
  RotationTile tile(2, RotationKind::kGramSchmidt, true);
  tile.Draw(RowStreams(), 2);
  for (uint32_t row = 0; row < 2; ++row) tile.Put(row, step.rotations[row]);
  std::vector<double> displacements(4);
  MoveTile(tile, vertices, result.weights, step.step_radius, absl::MakeSpan(displacements));
  for (size_t n = 0; n < 4; ++n) result.theta[n] += displacements[n];
  return result;
}

TEST(GoldenPopulation, OneParticle_SameRound) {
  const auto& golden = GoldenGroup("ask_tell_round");
  std::vector<double> particle = GoldenNumbers(golden.at("x0"));
  const std::vector<double> rotation = GoldenNumbers(golden.at("R"));
  std::vector<double> candidates(18);
  PopulationCandidates(particle, golden.at("step_radius").get<double>(), rotation,
                       PolytopeVertices(Polytope::kOrthoplex, 3), absl::MakeSpan(candidates));
  ExpectClose(candidates, GoldenNumbers(golden.at("candidates")));

  std::vector<double> losses;
  for (size_t v = 0; v < 6; ++v) {
    double sum = 0.0;
    for (size_t j = 0; j < 3; ++j) sum += candidates[3 * v + j] * candidates[3 * v + j];
    losses.push_back(sum);
  }
  ExpectClose(losses, GoldenNumbers(golden.at("fitness")));
  EXPECT_EQ(std::min_element(losses.begin(), losses.end()) - losses.begin(),
            golden.at("best_index").get<int>());

  WeightOptions options;
  options.scale = LossScale::kMean;
  options.epsilon = golden.at("epsilon").get<double>();
  std::vector<double> weights(6);
  const std::vector<Outcome> outcomes(6, Outcome::kLoss);
  TransportWeights(options, {1, 6, losses, outcomes}, nullptr, absl::MakeSpan(weights));
  ExpectClose(weights, GoldenNumbers(golden.at("weights")));
  MoveToBarycenter(weights, candidates, absl::MakeSpan(particle));
  ExpectClose(particle, GoldenNumbers(golden.at("x_new")));
}

TEST(GoldenPopulation, TwoParticles_ShareOneLossScale) {
  const auto& golden = GoldenGroup("ask_tell_round_2_particles");
  std::vector<double> particles = GoldenNumbers(golden.at("X"));
  const std::vector<double> angles = GoldenNumbers(golden.at("thetas"));
  const std::vector<double> vertices = PolytopeVertices(Polytope::kOrthoplex, 2);
  std::vector<double> candidates(16);
  for (size_t p = 0; p < 2; ++p) {
    PopulationCandidates(absl::MakeConstSpan(particles).subspan(2 * p, 2),
                         golden.at("step_radius").get<double>(), RotationOfAngle(angles[p]),
                         vertices, absl::MakeSpan(candidates).subspan(8 * p, 8));
  }
  ExpectClose(candidates, GoldenNumbers(golden.at("candidates_pv")));

  WeightOptions options;
  options.scale = LossScale::kMean;
  options.epsilon = golden.at("epsilon").get<double>();
  std::vector<double> weights(8);
  const std::vector<double> losses = GoldenNumbers(golden.at("fitness_pv"));
  const std::vector<Outcome> outcomes(8, Outcome::kLoss);
  TransportWeights(options, {2, 4, losses, outcomes}, nullptr, absl::MakeSpan(weights));
  ExpectClose(weights, GoldenNumbers(golden.at("weights_pv")));
  for (size_t p = 0; p < 2; ++p) {
    MoveToBarycenter(absl::MakeConstSpan(weights).subspan(4 * p, 4),
                     absl::MakeConstSpan(candidates).subspan(8 * p, 8),
                     absl::MakeSpan(particles).subspan(2 * p, 2));
  }
  ExpectClose(particles, GoldenNumbers(golden.at("X_new")));
}

TEST(GoldenBlock, TwoBlocks_SameStep) {
  const auto& golden = GoldenGroup("multi_particle_step");
  BlockStep step;
  step.theta = GoldenNumbers(golden.at("theta"));
  for (double angle : GoldenNumbers(golden.at("thetas"))) {
    step.rotations.push_back(RotationOfAngle(angle));
  }
  step.epsilon = golden.at("epsilon").get<double>();
  // The reference multiplies plain radii by epsilon; ours are absolute.
  step.step_radius = golden.at("step_radius").get<double>() * step.epsilon;
  step.distance = golden.at("probe_radius").get<double>() * step.epsilon * ProbeScales(1).front();
  EXPECT_DOUBLE_EQ(step.step_radius, golden.at("effective_step").get<double>());
  EXPECT_DOUBLE_EQ(step.distance, golden.at("effective_probe_distance").get<double>());
  const BlockResult result = RunBlockStep(step);
  ExpectClose(result.probes, GoldenNumbers(golden.at("probe_rows")));
  ExpectClose(result.losses, GoldenNumbers(golden.at("cost")));
  ExpectClose(result.weights, GoldenNumbers(golden.at("weights")));
  ExpectClose(result.theta, GoldenNumbers(golden.at("theta_new")));
}

TEST(GoldenBlock, SpreadFarBelowEpsilon_IsAGradientStepForAnyRotation) {
  const auto& golden = GoldenGroup("linear_regime_identity");
  const std::vector<double> gradient = GoldenNumbers(golden.at("grad"));
  const std::vector<double> ratios = GoldenNumbers(golden.at("ratio_dtheta_over_minus_lr_grad"));
  for (double turn : {0.0, 0.4, 1.9}) {
    SCOPED_TRACE(turn);
    BlockStep step;
    step.theta = GoldenNumbers(GoldenGroup("multi_particle_step").at("theta"));
    step.rotations = {RotationOfAngle(0.3 + turn), RotationOfAngle(2.5 - turn)};
    step.epsilon = golden.at("eps").get<double>();
    step.step_radius = golden.at("r_s").get<double>();
    step.distance = golden.at("delta").get<double>();
    StepLengths lengths;
    lengths.step_radius = step.step_radius;
    lengths.probe_distance = step.distance;
    WeightOptions weighting;
    weighting.scale = LossScale::kNone;
    weighting.epsilon = step.epsilon;
    const double rate = LinearRate(lengths, weighting, 1.0, 2);
    EXPECT_NEAR(rate, golden.at("lr").get<double>(), 1e-18);
    const std::vector<double> moved = RunBlockStep(step).theta;
    for (size_t i = 0; i < 4; ++i) {
      const double ratio = (moved[i] - step.theta[i]) / (-rate * gradient[i]);
      // The reference's own rotation is the first; others differ in the second order only.
      EXPECT_NEAR(ratio, turn == 0.0 ? ratios[i] : 1.0, turn == 0.0 ? 1e-9 : 3e-5);
    }
  }
}

}  // namespace
}  // namespace polystep
