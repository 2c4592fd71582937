// Coordinates of two values, and the bits they stand for.
//
// A coordinate in [0, 1] of two values has a cell for each; methods that know nothing but bits put
// it in the middle of one. Pure functions.
#ifndef POLYSTEP_CORE_SPACE_BIT_COORDINATES_H_
#define POLYSTEP_CORE_SPACE_BIT_COORDINATES_H_

#include <vector>

#include "absl/types/span.h"
#include "core/base/bits.h"

namespace polystep {

inline bool BitOf(double coordinate) { return coordinate >= 0.5; }
inline double CoordinateOf(bool bit) { return bit ? 0.75 : 0.25; }

Bits BitsOf(absl::Span<const double> coordinates);
std::vector<double> CoordinatesOf(const Bits& bits);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_BIT_COORDINATES_H_
