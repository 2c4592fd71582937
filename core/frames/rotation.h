// Random rotations and orthonormal frames, drawn from a counter-based stream with a fixed order of
// operations (modified Gram-Schmidt in double), so that they are equal bit for bit everywhere.
#ifndef POLYSTEP_CORE_FRAMES_ROTATION_H_
#define POLYSTEP_CORE_FRAMES_ROTATION_H_

#include "absl/types/span.h"
#include "core/random/random_stream.h"

namespace polystep {

// [[cos, -sin], [sin, cos]] of an angle given in turns; row-major.
void PlaneRotation(double turns, absl::Span<double> rotation);

// Gram-Schmidt of the columns of `gaussian` (dim x dim, row-major); if the determinant is negative
// column 0 is negated. The result is Haar on SO(dim) when the input is standard normal.
void RotationFromGaussian(int dim, absl::Span<const double> gaussian, absl::Span<double> rotation);

// Haar rotation, dim x dim row-major: dim 1 is [1], dim 2 a uniform angle, else as above.
void HaarRotation(int dim, RandomStream& stream, absl::Span<double> rotation);

// Turns `rotation` so that its column 0 is along `direction`, the others kept as far as they are
// orthogonal to it; the last one's sign makes the determinant +1. Of a zero or non-finite
// direction, or in one dimension, the rotation stays.
void BiasRotation(int dim, absl::Span<const double> direction, absl::Span<double> rotation);

// `count` <= dim orthonormal directions in `dim` dimensions, count x dim row-major, uniform.
void OrthonormalFrame(int dim, int count, RandomStream& stream, absl::Span<double> directions);

}  // namespace polystep

#endif  // POLYSTEP_CORE_FRAMES_ROTATION_H_
