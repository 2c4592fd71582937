// The monotone map of one bounded number to the unit interval, for each Scale.
//
// Portable arithmetic only; the ends of the interval are mapped exactly. Pure functions.
#ifndef POLYSTEP_CORE_SPACE_SCALE_H_
#define POLYSTEP_CORE_SPACE_SCALE_H_

#include "core/space/parameter_spec.h"

namespace polystep {

struct ScaledRange {
  Scale scale = Scale::kLinear;
  double min = 0.0;
  double max = 1.0;
};

// The value at `unit`, which is clamped to [0, 1]; never outside [min, max]. kReverseLog mirrors
// kLog: fine steps near max. A range of one value has that value everywhere.
double FromUnit(const ScaledRange& range, double unit);

// The inverse up to rounding, in [0, 1]; 0.5 for a range of one value.
double ToUnit(const ScaledRange& range, double value);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_SCALE_H_
