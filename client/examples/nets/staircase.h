// Activations of five levels: floor(5 sigmoid(x)) / 5. Pure functions; arrays [unit][kBlock].
//
// A middle unit's sum is one of weights in 2^-18ths times whole levels: exact in any order, so that
// sums made anew and updated ones are equal bit for bit, and so are the levels they give.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_H_

#include <cstddef>
#include <cstdint>

#include "client/examples/nets/batch.h"

namespace polystep::nets {

// floor(5 sigmoid(x)), 0 to 4, of `count` values.
void Levels(const float* x, size_t count, int32_t* levels);

// A weight in 2^-18ths, to the nearest. Beyond +-15.75 it is that: sums of 128 x 4 fit 32 bits.
int32_t FixedStairWeight(float weight);

// sums[s] = sum over h < kHidden of weights[h] levels[h][s].
void StairSums(const int32_t* weights, const int32_t* levels, int32_t* sums);

// The activations, level / 5, of a unit of these sums and this bias.
void StairUnit(const int32_t* sums, float bias, float* activations);

// The activations of `units` units after sums[u] grew by weights[u] changes[s].
struct StairShift {
  const int32_t* sums;
  const int32_t* weights;
  const int32_t* changes;
  const float* biases;
  size_t units;
};
void ShiftStairs(const StairShift& shift, float* activations);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_H_
