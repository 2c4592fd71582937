#include "core/frames/polytope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace polystep {
namespace {

constexpr Polytope kAll[] = {Polytope::kOrthoplex, Polytope::kSimplex, Polytope::kCube};

TEST(Polytope, EveryKindAndDimension_TightFrameOfUnitVectors) {
  for (const Polytope polytope : kAll) {
    for (int dim = 1; dim <= 9; ++dim) {
      const int count = VertexCount(polytope, dim);
      const std::vector<double> vertices = PolytopeVertices(polytope, dim);
      ASSERT_EQ(vertices.size(), static_cast<size_t>(count * dim));
      std::vector<double> sum(dim, 0.0);
      std::vector<double> moment(dim * dim, 0.0);
      for (int v = 0; v < count; ++v) {
        double square = 0.0;
        for (int i = 0; i < dim; ++i) {
          const double value = vertices[v * dim + i];
          square += value * value;
          sum[i] += value;
          for (int j = 0; j < dim; ++j) moment[i * dim + j] += value * vertices[v * dim + j];
        }
        EXPECT_NEAR(square, 1.0, 1e-14);
      }
      for (int i = 0; i < dim; ++i) {
        EXPECT_NEAR(sum[i], 0.0, 1e-12);
        for (int j = 0; j < dim; ++j) {
          const double expected = i == j ? static_cast<double>(count) / dim : 0.0;
          EXPECT_NEAR(moment[i * dim + j], expected, 1e-12) << "dim " << dim;
        }
      }
    }
  }
}

TEST(Polytope, Simplex_EqualAnglesBetweenVertices) {
  for (int dim = 2; dim <= 20; ++dim) {
    const std::vector<double> vertices = PolytopeVertices(Polytope::kSimplex, dim);
    for (int a = 0; a <= dim; ++a) {
      for (int b = 0; b < a; ++b) {
        double dot = 0.0;
        for (int i = 0; i < dim; ++i) dot += vertices[a * dim + i] * vertices[b * dim + i];
        EXPECT_NEAR(dot, -1.0 / dim, 1e-13);
      }
    }
  }
}

TEST(Polytope, Orthoplex_VertexAndAntipodeHalfwayApart) {
  const int dim = 5;
  const std::vector<double> vertices = PolytopeVertices(Polytope::kOrthoplex, dim);
  for (int i = 0; i < dim * dim; ++i) EXPECT_EQ(vertices[i], -vertices[dim * dim + i]);
}

TEST(Polytope, DimensionOutOfRange_NoVertices) {
  EXPECT_EQ(VertexCount(Polytope::kOrthoplex, 0), 0);
  EXPECT_EQ(VertexCount(Polytope::kCube, 16), 65536);
  EXPECT_EQ(VertexCount(Polytope::kCube, 17), 0);
  EXPECT_TRUE(PolytopeVertices(Polytope::kCube, 17).empty());
}

TEST(ProbeScales, OneAndThree_EvenFractions) {
  EXPECT_EQ(ProbeScales(1), (std::vector<double>{0.5}));
  EXPECT_EQ(ProbeScales(3), (std::vector<double>{0.25, 0.5, 0.75}));
}

}  // namespace
}  // namespace polystep
