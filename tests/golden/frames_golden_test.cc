// Groups polytopes, rotations and probe_scales. The biased rotation is no part of this service.
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

TEST(GoldenProbeScales, EveryCount_Exact) {
  for (const auto& [probes, scales] : GoldenGroup("probe_scales").items()) {
    EXPECT_EQ(ProbeScales(std::stoi(probes)), GoldenNumbers(scales));
  }
}

}  // namespace
}  // namespace polystep
