// Groups polytopes, rotations and probe_scales.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/frames/polytope.h"
#include "core/frames/rotation.h"
#include "tests/golden/reference.h"

namespace polystep {
namespace {

constexpr double kTwoPi = 6.283185307179586476925286766559;

Polytope PolytopeNamed(const std::string& name) {
  if (name == "orthoplex") return Polytope::kOrthoplex;
  return name == "simplex" ? Polytope::kSimplex : Polytope::kCube;
}

TEST(GoldenPolytopes, EveryTemplate_SameVerticesInSameOrder) {
  int cases = 0;
  for (const auto& [key, value] : GoldenGroup("polytopes").items()) {
    if (!value.is_array()) continue;
    SCOPED_TRACE(key);
    const size_t separator = key.find('_');
    const int dim = std::stoi(key.substr(separator + 1));
    const Polytope polytope = PolytopeNamed(key.substr(0, separator));
    ExpectClose(PolytopeVertices(polytope, dim), GoldenNumbers(value));
    ++cases;
  }
  EXPECT_EQ(cases, 11);
}

TEST(GoldenPolytopes, VertexCounts_Same) {
  for (const auto& [dim, counts] : GoldenGroup("polytopes").at("num_vertices").items()) {
    for (const auto& [name, count] : counts.items()) {
      EXPECT_EQ(VertexCount(PolytopeNamed(name), std::stoi(dim)), count.get<int>()) << name << dim;
    }
  }
}

TEST(GoldenRotations, PlaneRotations_Same) {
  for (const auto& golden : GoldenGroup("rotations").at("rot2d")) {
    std::vector<double> rotation(4);
    PlaneRotation(golden.at("theta").get<double>() / kTwoPi, absl::MakeSpan(rotation));
    ExpectClose(rotation, GoldenNumbers(golden.at("R")));
  }
}

TEST(GoldenRotations, RotationsFromGaussians_Same) {
  bool flipped = false;
  for (const auto& golden : GoldenGroup("rotations").at("haar_from_gaussian")) {
    const int dim = static_cast<int>(golden.at("Z").size());
    std::vector<double> rotation(static_cast<size_t>(dim * dim));
    RotationFromGaussian(dim, GoldenNumbers(golden.at("Z")), absl::MakeSpan(rotation));
    ExpectClose(rotation, GoldenNumbers(golden.at("R")));
    flipped |= golden.at("det_flipped").get<bool>();
  }
  EXPECT_TRUE(flipped);
}

// The columns beside the first are orthonormal; which they are depends on the reference's LAPACK.
TEST(GoldenRotations, BiasedRotation_SameFirstColumnAndProperties) {
  const auto& golden = GoldenGroup("rotations").at("biased");
  std::vector<double> rotation = GoldenNumbers(golden.at("R_in"));
  const std::vector<double> direction = GoldenNumbers(golden.at("bias_dir"));
  BiasRotation(3, direction, absl::MakeSpan(rotation));
  const std::vector<double> expected = GoldenNumbers(golden.at("R_out"));
  const auto at = [&](size_t i, size_t j) { return rotation[3 * i + j]; };
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(at(i, 0), expected[3 * i], kGoldenTolerance);
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      double dot = 0.0;
      for (size_t i = 0; i < 3; ++i) dot += at(i, a) * at(i, b);
      EXPECT_NEAR(dot, a == b ? 1.0 : 0.0, kGoldenTolerance);
    }
  }
  double determinant = 0.0;
  for (size_t i = 0; i < 3; ++i) {
    determinant += at(0, i) * (at(1, (i + 1) % 3) * at(2, (i + 2) % 3) -
                               at(1, (i + 2) % 3) * at(2, (i + 1) % 3));
  }
  EXPECT_NEAR(determinant, golden.at("det").get<double>(), kGoldenTolerance);
}

TEST(GoldenProbeScales, EveryCount_Exact) {
  for (const auto& [probes, scales] : GoldenGroup("probe_scales").items()) {
    EXPECT_EQ(ProbeScales(std::stoi(probes)), GoldenNumbers(scales));
  }
}

}  // namespace
}  // namespace polystep
