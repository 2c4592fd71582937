// Haar rotations of kLanes neighbouring rows as products of reflections, which turn a vector in
// O(dim^2) operations a row and are drawn with half of the normal numbers that a matrix takes.
//
// The subgroup algorithm (Diaconis and Shahshahani, 1987; Stewart, SIAM J. Numer. Anal. 17, 1980):
// Q = H_d diag(1, H_{d-1}) ... diag(I, H_2) diag(I, s). H_n takes e_1 to a direction g that is
// uniform in n dimensions: H = I - w w^T / beta, w = g - |g| e_1 (in the plane w = g, which is as
// uniform there), beta = |w|^2 / 2; s is the sign that makes the determinant of Q 1.
// H is a reflection to rounding for every w, so g may be rough: it is uniform to 4e-5.
// Pure functions, safe from any thread; the same bits on every machine.
#ifndef POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_
#define POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "core/random/random_lanes.h"

namespace polystep {

struct ReflectionKernel;  // a form of the code

// The reflections of kLanes rows in 2 to 16 dimensions. Reused from draw to draw; one owner.
class ReflectionLanes {
 public:
  // How many forms of the code this machine can run. For tests: all give the same bits.
  static size_t Forms();

  // The fastest form is 0.
  explicit ReflectionLanes(int dim, size_t form = 0);

  // Those of the streams' rows.
  void Draw(const RowStreams& streams);

  // x = Q x of each row: dim x kLanes.
  void Turn(absl::Span<double> x) const;

  // Q itself, dim x dim x kLanes.
  void Matrices(absl::Span<double> matrices) const;

 private:
  size_t dim_;
  const ReflectionKernel* kernel_;
  // By rising n: g, n x kLanes, of which w has all but the first component; that; and 1 / beta.
  std::vector<double> directions_;
  std::vector<double> firsts_;
  std::vector<double> inverses_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_FRAMES_REFLECTION_LANES_H_
