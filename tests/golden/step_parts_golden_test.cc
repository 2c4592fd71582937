// Groups momentum, amortized, adaptive_radius, quadratic_model and rec_simplex_gradient: what a
// method makes of its losses beside the transport.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/frames/polytope.h"
#include "core/method/accumulator.h"
#include "core/method/probe_model.h"
#include "core/method/radius_control.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

Schedule Constant(double value) {
  Schedule schedule;
  schedule.initial = value;
  return schedule;
}

std::vector<double> Displacement(const nlohmann::json& from, const nlohmann::json& to) {
  std::vector<double> displacement = GoldenNumbers(to);
  const std::vector<double> start = GoldenNumbers(from);
  for (size_t j = 0; j < start.size(); ++j) displacement[j] -= start[j];
  return displacement;
}

// A first step puts the displacement that is to be the velocity into it.
TEST(GoldenMomentum, Step_SameVelocityAndPoint) {
  const auto& golden = GoldenGroup("momentum").at("step");
  ASSERT_EQ(golden.at("lr").get<double>(), 1.0);
  AccumulatorOptions options;
  options.momentum = Constant(golden.at("beta").get<double>());
  Accumulator accumulator(options, 2);
  std::vector<double> velocity = GoldenNumbers(golden.at("velocity"));
  accumulator.Take(0, 0, absl::MakeSpan(velocity));
  accumulator.EndStep();
  std::vector<double> taken = Displacement(golden.at("X_old"), golden.at("X_bary"));
  accumulator.Take(1, 0, absl::MakeSpan(taken));
  ExpectClose(taken, GoldenNumbers(golden.at("velocity_new")));
  ExpectClose(taken, Displacement(golden.at("X_old"), golden.at("X_new")));
}

TEST(GoldenAmortized, Decays_Same) {
  const auto& golden = GoldenGroup("amortized");
  const auto steps = golden.at("amortize_steps").get<uint32_t>();
  for (const auto& at : golden.at("decay_by_counter")) {
    const std::optional<double> decay = CoastDecay(steps, at.at("counter").get<int64_t>());
    EXPECT_EQ(!decay.has_value(), at.at("is_full_step").get<bool>());
    if (decay) {
      EXPECT_NEAR(*decay, at.at("decay").get<double>(), kGoldenTolerance);
    }
  }
}

// With k = 3 the coasting steps add 2/3 and 1/3 of the average to each displacement: once the
// average.
TEST(GoldenAmortized, Averages_AddTheirCoastingSteps) {
  const auto& golden = GoldenGroup("amortized");
  AccumulatorOptions options;
  options.coast_steps = golden.at("amortize_steps").get<uint32_t>();
  Accumulator accumulator(options, 2);
  int64_t t = 0;
  for (const auto& step : golden.at("ema_sequence")) {
    const std::vector<double> raw = GoldenNumbers(step.at("raw"));
    std::vector<double> expected = GoldenNumbers(step.at("ema"));
    for (size_t j = 0; j < 2; ++j) expected[j] += raw[j];
    std::vector<double> taken = raw;
    accumulator.Take(t++, 0, absl::MakeSpan(taken));
    accumulator.EndStep();
    ExpectClose(taken, expected);
  }
}

TEST(GoldenAdaptiveRadius, Sequence_Same) {
  const auto& golden = GoldenGroup("adaptive_radius");
  const int patience = golden.at("params").at("patience").get<int>();
  AdaptiveRadius radius;
  for (const auto& step : golden.at("sequence")) {
    radius.Observe(GoldenNumber(step.at("loss")), patience);
    EXPECT_NEAR(radius.multiplier, step.at("radius_multiplier").get<double>(), kGoldenTolerance);
    EXPECT_EQ(radius.stagnant_steps, step.at("stagnation").get<int>());
  }
}

TEST(GoldenQuadraticModel, TwoProbes_SameModelStepAndPrediction) {
  const auto& golden = GoldenGroup("quadratic_model");
  const std::vector<double> losses = GoldenNumbers(golden.at("losses_pvk"));
  const std::vector<Outcome> outcomes(losses.size(), Outcome::kLoss);
  const std::vector<double> vertices = PolytopeVertices(Polytope::kOrthoplex, 2);
  std::vector<double> distances = GoldenNumbers(golden.at("scales"));
  for (double& d : distances) d *= golden.at("probe_radius").get<double>();
  const ProbeModel model =
      FitProbes({Polytope::kOrthoplex, vertices, distances}, {losses, outcomes, {}});
  ExpectClose(model.gradient, GoldenNumbers(golden.at("grad")));
  ExpectClose(model.curvature, GoldenNumbers(golden.at("hess")));
  std::vector<double> step(2);
  NewtonStep(model, 0.5, {0.0, 0.0}, absl::MakeSpan(step));
  ExpectClose(step, GoldenNumbers(golden.at("newton_step_max_norm_0_5")));
  ExpectClose({PredictedChange(model, step)}, GoldenNumbers(golden.at("predicted")));
}

TEST(GoldenQuadraticModel, TrustRegion_SameRadii) {
  for (const auto& golden : GoldenGroup("quadratic_model").at("trust_region")) {
    EXPECT_NEAR(NextTrustRegion(golden.at("radius").get<double>(), golden.at("pred").get<double>(),
                                golden.at("actual").get<double>()),
                golden.at("new").get<double>(), kGoldenTolerance);
  }
}

TEST(GoldenSimplexGradient, TightFrame_SameGradient) {
  const auto& golden = GoldenGroup("rec_simplex_gradient");
  const std::vector<double> vertices = PolytopeVertices(Polytope::kSimplex, 2);
  ExpectClose(vertices, GoldenNumbers(golden.at("V")));
  std::vector<double> gradient(2);
  FrameGradient(vertices, golden.at("delta").get<double>(), GoldenNumbers(golden.at("C")),
                absl::MakeSpan(gradient));
  ExpectClose(gradient, GoldenNumbers(golden.at("grad")));
}

}  // namespace
}  // namespace polystep
