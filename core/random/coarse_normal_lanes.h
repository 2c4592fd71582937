// Normal numbers of kLanes neighbouring rows for directions: cheap ones, in single precision.
//
// Philox4x32-7 of the counter of the row's first block seeds xoshiro128+ (Blackman and Vigna, ACM
// TOMS 47, 2021), whose words are a sign and 31 bits of probability. The magnitude beyond which
// that much lies is a polynomial of degree 4 in each octave of it, to 4e-5; the largest is 6.2.
// Pure functions, safe from any thread; the same bits on every machine.
#ifndef POLYSTEP_CORE_RANDOM_COARSE_NORMAL_LANES_H_
#define POLYSTEP_CORE_RANDOM_COARSE_NORMAL_LANES_H_

#include <cstddef>
#include <vector>

#include "core/random/random_lanes.h"

namespace polystep {

// The first `count` numbers of each stream: count x kLanes.
void CoarseNormalLanes(const RowStreams& streams, size_t count, double* normals);

// The same in every form that this machine can run. For tests: all give the same bits.
using CoarseNormalKernel = void (*)(const RowStreams& streams, size_t count, double* normals);
std::vector<CoarseNormalKernel> CoarseNormalKernels();

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_COARSE_NORMAL_LANES_H_
