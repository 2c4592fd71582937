// Rotations of up to kLanes neighbouring rows, as lanes. Reused from tile to tile; one owner at a
// time.
#ifndef POLYSTEP_CORE_METHOD_ROTATION_TILE_H_
#define POLYSTEP_CORE_METHOD_ROTATION_TILE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/base/wide.h"
#include "core/random/random_lanes.h"

namespace polystep {

class RotationTile {
 public:
  explicit RotationTile(uint32_t dim);

  // The Haar rotations of rows streams.first_row and on, `count` <= kLanes of them.
  void Draw(const RowStreams& streams, uint32_t count);

  bool Holds(uint32_t row) const { return row - first_ < count_; }
  uint32_t first() const { return first_; }
  uint32_t count() const { return count_; }

  // dim x dim of a row that it holds, row-major.
  void Get(uint32_t row, absl::Span<double> rotation) const;
  void Put(uint32_t row, absl::Span<const double> rotation);

  // dim x dim x kLanes; lanes from count() on are undefined.
  absl::Span<const double> lanes() const { return lanes_; }

 private:
  uint32_t dim_;
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  std::vector<double> lanes_;
};

// displacements = radius R sum_v w_v u_v of the rows of `tile`: count() x dim, row-major, bit for
// bit the radius times BarycentricDirection (barycenter.h) of each. `vertices` is V x dim;
// `weights` count() x V.
void MoveTile(const RotationTile& tile, absl::Span<const double> vertices,
              absl::Span<const double> weights, double radius, absl::Span<double> displacements);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_ROTATION_TILE_H_
