// Values of single domains to and from their coordinates.
//
// A lattice of n values cuts [0, 1] into n cells of equal width in the scaled coordinate; a value
// encodes to the middle of its cell. Portable arithmetic only; pure functions.
#ifndef POLYSTEP_CORE_SPACE_DOMAIN_MAP_H_
#define POLYSTEP_CORE_SPACE_DOMAIN_MAP_H_

#include <cstddef>
#include <cstdint>

#include "core/space/parameter_spec.h"

namespace polystep {

// Bounded: `coordinate` in [0, 1]; unbounded: the value itself. Never outside the domain, never -0.
double DecodeReal(const RealDomain& domain, double coordinate);

// A coordinate that decodes to `value`, if any does; else one whose value is nearest.
double EncodeReal(const RealDomain& domain, double value);

int64_t DecodeInteger(const IntegerDomain& domain, double unit);
double EncodeInteger(const IntegerDomain& domain, int64_t value);

// Width in [0, 1] of the cell of `value`.
double IntegerCellWidth(const IntegerDomain& domain, int64_t value);

// The cell of `unit` in a lattice of `count` >= 1 values, and the middle of a cell.
size_t LatticeIndex(size_t count, double unit);
double LatticeMiddle(size_t count, size_t index);

// A tensor element: rounded to float, integer or 0/1, inside its bounds.
float DecodeElement(const TensorSpec& tensor, double coordinate);

// The smallest float not below `bound`, the largest not above it.
float FloatAtLeast(double bound);
float FloatAtMost(double bound);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_DOMAIN_MAP_H_
