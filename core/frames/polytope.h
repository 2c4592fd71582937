// Templates of probe directions: unit vectors whose sum is zero and whose second moment is
// (V/d) I (tight frames), as in PolyStep's probe step.
#ifndef POLYSTEP_CORE_FRAMES_POLYTOPE_H_
#define POLYSTEP_CORE_FRAMES_POLYTOPE_H_

#include <cstdint>
#include <vector>

namespace polystep {

enum class Polytope : uint8_t { kOrthoplex = 0, kSimplex = 1, kCube = 2 };

// Number of vertices in `dim` >= 1 dimensions: 2d, d + 1, 2^d (the cube needs dim <= 16).
int VertexCount(Polytope polytope, int dim);

// VertexCount x dim unit vectors, row-major. Orthoplex: +e_0..+e_{d-1}, then -e_0..-e_{d-1}. Cube:
// component j of row n is (1 - 2 bit_j(n)) / sqrt(d). Simplex: centred regular simplex.
std::vector<double> PolytopeVertices(Polytope polytope, int dim);

// Probe distances as fractions of the probe radius: k / (probes + 1), k = 1..probes.
std::vector<double> ProbeScales(int probes);

}  // namespace polystep

#endif  // POLYSTEP_CORE_FRAMES_POLYTOPE_H_
