// Low points of a quadratic over boxes in which some coordinates move by whole cells.
//
// The continuous coordinates are eliminated (the Schur complement), the lattice ones descend by
// moves of one or two of them, and the continuous ones go where the quadratic wants them then. A
// local minimum, as in the heuristics for closest lattice points. Fixed order of operations; pure.
#ifndef POLYSTEP_CORE_METHOD_LATTICE_MINIMUM_H_
#define POLYSTEP_CORE_METHOD_LATTICE_MINIMUM_H_

#include <vector>

#include "core/method/quadratic_model.h"

namespace polystep {

// Around z = 0, which is inside; one entry a coordinate.
struct LatticeBox {
  std::vector<double> cells;  // of which coordinates are multiples; 0: continuous
  std::vector<double> low;
  std::vector<double> high;
};

// False if the quadratic is not finite in the continuous coordinates.
bool MinimizeOnLattice(const QuadraticModel& model, const LatticeBox& box, std::vector<double>& z);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_LATTICE_MINIMUM_H_
