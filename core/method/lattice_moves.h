// Local moves on lattices: a point with one or a few lattice parameters changed.
//
// A frame in a metric is blind to cells much smaller or larger than its radius; these moves are
// not: steps of one cell, steps of any size on a logarithmic scale, flips, other choices. As in
// integer handling for evolution strategies (Hansen, INRIA RR-7751). Pure given the stream.
#ifndef POLYSTEP_CORE_METHOD_LATTICE_MOVES_H_
#define POLYSTEP_CORE_METHOD_LATTICE_MOVES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/random/random_stream.h"
#include "core/space/search_space.h"

namespace polystep {

class LatticeMoves {
 public:
  explicit LatticeMoves(const SearchSpace& space);

  bool empty() const { return units_.empty(); }

  // Changes one lattice parameter (or tensor element), and each time with chance 1/2 another one.
  // `sign` turns the direction of steps, so that a pair of moves from equal streams is antipodal.
  void Mutate(RandomStream& stream, double sign, absl::Span<double> point) const;

 private:
  // What moves as one: a coordinate, or all coordinates of a categorical.
  struct Unit {
    int64_t first;
    int64_t size;
  };
  void Step(const Unit& unit, RandomStream& stream, double sign, absl::Span<double> point) const;

  const SearchSpace* space_;
  std::vector<Unit> units_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_LATTICE_MOVES_H_
