#include "core/method/probe_model.h"

#include <gtest/gtest.h>

#include <cmath>

namespace polystep {
namespace {

// 0.7 x - 0.2 y + x^2 - 0.25 y^2 + 3: gradient (0.7, -0.2), curvature (2, -0.5).
double Loss(double x, double y) { return 0.7 * x - 0.2 * y + x * x - 0.25 * y * y + 3.0; }

struct Probed {
  std::vector<double> vertices;
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
};

Probed Probe(Polytope polytope, const std::vector<double>& distances) {
  Probed probed;
  probed.vertices = PolytopeVertices(polytope, 2);
  for (size_t v = 0; v < probed.vertices.size(); v += 2) {
    for (const double d : distances) {
      probed.losses.push_back(Loss(d * probed.vertices[v], d * probed.vertices[v + 1]));
    }
  }
  probed.outcomes.assign(probed.losses.size(), Outcome::kLoss);
  return probed;
}

TEST(FitProbes, OrthoplexOneProbeAndCenter_FindsGradientAndCurvature) {
  const std::vector<double> distances = {0.3};
  const Probed probed = Probe(Polytope::kOrthoplex, distances);
  const ProbeModel model = FitProbes({Polytope::kOrthoplex, probed.vertices, distances},
                                     {probed.losses, probed.outcomes, 3.0});
  EXPECT_NEAR(model.gradient[0], 0.7, 1e-12);
  EXPECT_NEAR(model.gradient[1], -0.2, 1e-12);
  EXPECT_NEAR(model.curvature[0], 2.0, 1e-12);
  EXPECT_NEAR(model.curvature[1], -0.5, 1e-12);
}

TEST(FitProbes, ThreeProbes_NeedNoCenter) {
  const std::vector<double> distances = {0.2, 0.4, 0.6};
  const Probed probed = Probe(Polytope::kOrthoplex, distances);
  const ProbeModel model = FitProbes({Polytope::kOrthoplex, probed.vertices, distances},
                                     {probed.losses, probed.outcomes, {}});
  EXPECT_NEAR(model.gradient[0], 0.7, 1e-12);
  EXPECT_NEAR(model.curvature[1], -0.5, 1e-12);
}

// The axes share the mean curvature, (2 - 0.5) / 2.
TEST(FitProbes, SimplexAndCube_ShareOneCurvature) {
  for (const Polytope polytope : {Polytope::kSimplex, Polytope::kCube}) {
    const std::vector<double> distances = {0.01};
    const Probed probed = Probe(polytope, distances);
    const ProbeModel model =
        FitProbes({polytope, probed.vertices, distances}, {probed.losses, probed.outcomes, 3.0});
    EXPECT_NEAR(model.gradient[0], 0.7, 0.01);
    EXPECT_NEAR(model.gradient[1], -0.2, 0.01);
    EXPECT_NEAR(model.curvature[0], 0.75, 1e-9);
    EXPECT_EQ(model.curvature[1], model.curvature[0]);
  }
}

TEST(FitProbes, OneProbeWithoutCenter_NoModel) {
  const std::vector<double> distances = {0.3};
  const Probed probed = Probe(Polytope::kOrthoplex, distances);
  const ProbeModel model = FitProbes({Polytope::kOrthoplex, probed.vertices, distances},
                                     {probed.losses, probed.outcomes, {}});
  EXPECT_EQ(model.known, (std::vector<bool>{false, false}));
}

TEST(RefineMove, AxisWithAHole_KeepsItsBarycentricMove) {
  const std::vector<double> distances = {0.3};
  Probed probed = Probe(Polytope::kOrthoplex, distances);
  probed.outcomes[3] = Outcome::kInfeasible;  // -y
  const ProbeModel model = FitProbes({Polytope::kOrthoplex, probed.vertices, distances},
                                     {probed.losses, probed.outcomes, 3.0});
  EXPECT_EQ(model.known, (std::vector<bool>{true, false}));
  std::vector<double> move = {-0.1, 0.25};
  RefineMove(model, 10.0, absl::MakeSpan(move));
  EXPECT_NEAR(move[0], 0.7 * -0.1 + 0.3 * -0.35, 1e-12);
  EXPECT_EQ(move[1], 0.25);
}

TEST(RefineMove, WorseByTheModel_IsNotTaken) {
  ProbeModel model{{1.0}, {-2.0}, {true}};
  std::vector<double> move = {5.0};  // far beyond the top: the model falls on there
  RefineMove(model, 1.0, absl::MakeSpan(move));
  EXPECT_EQ(move[0], 5.0);
}

TEST(RefineMove, HugeLosses_LeaveTheMoveFinite) {
  const std::vector<double> distances = {1e-3};
  const std::vector<double> vertices = PolytopeVertices(Polytope::kOrthoplex, 1);
  const std::vector<double> losses = {1e308, -1e308};
  const std::vector<Outcome> outcomes(2, Outcome::kLoss);
  const ProbeModel model =
      FitProbes({Polytope::kOrthoplex, vertices, distances}, {losses, outcomes, 0.0});
  std::vector<double> move = {-0.1};
  RefineMove(model, 1.0, absl::MakeSpan(move));
  EXPECT_TRUE(std::isfinite(move[0]));
}

}  // namespace
}  // namespace polystep
