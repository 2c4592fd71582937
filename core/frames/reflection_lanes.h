// Haar rotations of kLanes neighbouring rows as products of reflections, which turn a vector in
// O(dim^2) operations a row and are drawn with half of the normal numbers that a matrix takes.
//
// The subgroup algorithm (Diaconis and Shahshahani, 1987; Stewart, SIAM J. Numer. Anal. 17, 1980):
// Q = H_d diag(1, H_{d-1}) ... diag(I, H_3) diag(I, P). H_n takes e_1 to a direction g that is
// uniform in n dimensions: H = I - w w^T / beta, w = g - |g| e_1, beta = |w|^2 / 2, P is a uniform
// rotation of the last plane, one of its columns turned where that makes the determinant of Q 1.
// H is a reflection to rounding for every w, so g takes single precision: it is uniform to 2^-23.
// Pure functions, safe from any thread; the same bits on every machine.
#ifndef POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_
#define POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_

#include <cstddef>

#include "absl/types/span.h"
#include "core/random/random_lanes.h"

namespace polystep {

// Numbers that hold the reflections of kLanes rows in 2 to 16 dimensions.
size_t ReflectionLanesSize(int dim);

// Those of the streams' rows.
void DrawReflections(int dim, const RowStreams& streams, absl::Span<double> reflections);

// x = Q x of each row: dim x kLanes.
void Reflect(int dim, absl::Span<const double> reflections, absl::Span<double> x);

// Q itself, dim x dim x kLanes.
void ReflectionMatrices(int dim, absl::Span<const double> reflections, absl::Span<double> matrices);

}  // namespace polystep

#endif  // POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_
