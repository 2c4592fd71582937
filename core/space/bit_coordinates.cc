#include "core/space/bit_coordinates.h"

#include <cstddef>

namespace polystep {

Bits BitsOf(absl::Span<const double> coordinates) {
  Bits bits(coordinates.size());
  for (size_t k = 0; k < coordinates.size(); ++k) {
    if (BitOf(coordinates[k])) bits.Flip(k);
  }
  return bits;
}

std::vector<double> CoordinatesOf(const Bits& bits) {
  std::vector<double> coordinates(bits.size());
  for (size_t k = 0; k < bits.size(); ++k) coordinates[k] = CoordinateOf(bits[k]);
  return coordinates;
}

}  // namespace polystep
