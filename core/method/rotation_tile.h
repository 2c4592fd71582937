// Rotations of up to kLanes neighbouring blocks, as lanes. Reused from tile to tile; one owner at a
// time.
//
// kGramSchmidt are those of HaarRotation (frames/rotation.h); kReflections, which are others from 2
// dimensions on, the more than ten times cheaper ones of frames/reflection_lanes.h.
#ifndef POLYSTEP_CORE_METHOD_ROTATION_TILE_H_
#define POLYSTEP_CORE_METHOD_ROTATION_TILE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/base/wide.h"
#include "core/frames/reflection_lanes.h"
#include "core/random/random_lanes.h"

namespace polystep {

enum class RotationKind : uint8_t { kGramSchmidt, kReflections };

class RotationTile {
 public:
  // Without `matrices`, which reflections do without, only Turn can be asked for.
  RotationTile(uint32_t dim, RotationKind kind, bool matrices);

  // The rotations of rows streams.first_row and on, `count` <= kLanes of them.
  void Draw(const RowStreams& streams, uint32_t count);

  bool Holds(uint32_t row) const { return row - first_ < count_; }
  uint32_t first() const { return first_; }
  uint32_t count() const { return count_; }

  // dim x dim of a row that it holds, row-major.
  void Get(uint32_t row, absl::Span<double> rotation) const;
  void Put(uint32_t row, absl::Span<const double> rotation);

  // x = R x of each row: dim x kLanes; lanes from count() on are undefined.
  void Turn(absl::Span<double> x) const;

 private:
  uint32_t dim_;
  bool has_matrices_;
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  std::vector<double> lanes_;                   // the matrices, dim x dim x kLanes
  std::optional<ReflectionLanes> reflections_;  // where they are products of them
};

// Weights of the vertices of a tile's rows: vertices x kLanes, vectors of lanes `stride` apart.
struct WeightLanes {
  const double* first = nullptr;
  size_t stride = kLanes;
};

// moves = radius R sum_v w_v u_v of the rows of `tile`: dim x kLanes. `vertices` is V x dim.
void MoveLanes(const RotationTile& tile, absl::Span<const double> vertices,
               const WeightLanes& weights, double radius, absl::Span<double> moves);

// The same of weights count() x V, row-major, as is what comes out: count() x dim. Of
// matrices it is bit for bit the radius times BarycentricDirection (barycenter.h) of each.
void MoveTile(const RotationTile& tile, absl::Span<const double> vertices,
              absl::Span<const double> weights, double radius, absl::Span<double> displacements);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_ROTATION_TILE_H_
