// The Haar rotations of kLanes neighbouring rows at once, bit for bit those of HaarRotation.
#ifndef POLYSTEP_CORE_FRAMES_ROTATION_LANES_H_
#define POLYSTEP_CORE_FRAMES_ROTATION_LANES_H_

#include "absl/types/span.h"
#include "core/random/random_lanes.h"

namespace polystep {

// Lane l of `rotations`, dim x dim x kLanes, is the HaarRotation of RandomStream(seed, step,
// first_row + l, draw). One more vector of kLanes is used as room: the size is
// RotationLanesSize(dim).
size_t RotationLanesSize(int dim);
void HaarRotationLanes(int dim, const RowStreams& streams, absl::Span<double> rotations);

}  // namespace polystep

#endif  // POLYSTEP_CORE_FRAMES_ROTATION_LANES_H_
