// The streams of kLanes neighbouring rows at once: lane l of what is drawn here is bit for bit what
// RandomStream(seed, step, first_row + l, draw) gives. Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_RANDOM_RANDOM_LANES_H_
#define POLYSTEP_CORE_RANDOM_RANDOM_LANES_H_

#include <cstddef>
#include <cstdint>

#include "core/base/wide.h"
#include "core/random/random_stream.h"

namespace polystep {

struct RowStreams {
  uint64_t seed = 0;
  uint64_t step = 0;
  uint32_t first_row = 0;
  Draw draw = Draw::kRotation;
};

// sin and cos, kLanes each, of a full turn times the first Uniform() of each stream.
void FirstTurnLanes(const RowStreams& streams, double* sin, double* cos);

// The first `count` Normal() of each stream: count x kLanes; `normals` has room for an even count.
void NormalLanes(const RowStreams& streams, size_t count, double* normals);

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_RANDOM_LANES_H_
