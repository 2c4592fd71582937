#include "core/frames/polytope.h"

#include <cmath>
#include <cstddef>

namespace polystep {
namespace {

constexpr int kMaxCubeDim = 16;

std::vector<double> Orthoplex(int dim) {
  const size_t d = static_cast<size_t>(dim);
  std::vector<double> vertices(2 * d * d, 0.0);
  for (size_t i = 0; i < d; ++i) {
    vertices[i * d + i] = 1.0;
    vertices[(d + i) * d + i] = -1.0;
  }
  return vertices;
}

// The d unit vectors stretched by sqrt(1 + 1/d) and moved along the diagonal until all are unit
// vectors again and their sum is opposite to the last vertex, the diagonal.
std::vector<double> Simplex(int dim) {
  const size_t d = static_cast<size_t>(dim);
  const double n = dim;
  const double stretch = std::sqrt(1.0 + 1.0 / n);
  const double shift = (std::sqrt(n + 1.0) + 1.0) / std::sqrt(n * n * n);
  std::vector<double> vertices((d + 1) * d, -shift);
  for (size_t i = 0; i < d; ++i) vertices[i * d + i] = stretch - shift;
  for (size_t j = 0; j < d; ++j) vertices[d * d + j] = 1.0 / std::sqrt(n);
  return vertices;
}

std::vector<double> Cube(int dim) {
  const size_t d = static_cast<size_t>(dim);
  const size_t count = size_t{1} << d;
  const double side = 1.0 / std::sqrt(static_cast<double>(dim));
  std::vector<double> vertices(count * d);
  for (size_t n = 0; n < count; ++n) {
    for (size_t j = 0; j < d; ++j) vertices[n * d + j] = ((n >> j) & 1) != 0 ? -side : side;
  }
  return vertices;
}

}  // namespace

int VertexCount(Polytope polytope, int dim) {
  if (dim < 1 || (polytope == Polytope::kCube && dim > kMaxCubeDim)) return 0;
  switch (polytope) {
    case Polytope::kOrthoplex:
      return 2 * dim;
    case Polytope::kSimplex:
      return dim + 1;
    case Polytope::kCube:
      return 1 << dim;
  }
  return 0;
}

std::vector<double> PolytopeVertices(Polytope polytope, int dim) {
  if (VertexCount(polytope, dim) == 0) return {};
  switch (polytope) {
    case Polytope::kOrthoplex:
      return Orthoplex(dim);
    case Polytope::kSimplex:
      return Simplex(dim);
    case Polytope::kCube:
      return Cube(dim);
  }
  return {};
}

std::vector<double> ProbeScales(int probes) {
  // Counted from the nearer end, which gives the reference's digits (1 - 1/3, not 2/3).
  const double step = 1.0 / (probes + 1);
  std::vector<double> scales;
  for (int k = 1; k <= probes; ++k) {
    scales.push_back(k < (probes + 2) / 2 ? k * step : 1.0 - (probes + 1 - k) * step);
  }
  return scales;
}

}  // namespace polystep
