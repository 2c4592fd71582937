// Rectified units, and what a changed one does to the layer it feeds: a block of samples at a time.
// Pure functions; arrays [unit][kBlock] and [kBlock].
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_RECTIFIER_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_RECTIFIER_H_

#include <cstddef>

#include "client/examples/nets/batch.h"

namespace polystep::nets {

// max(x, 0) of `count` values; `to` may be `from`.
void Rectify(const float* from, size_t count, float* to);

// changes[s] = max(x[s], 0) - was[s].
void RectifiedChange(const float* x, const float* was, float* changes);

// to[u][s] = from[u][s] + weights[u] changes[s] of `units` units.
void Shift(const float* from, const float* weights, const float* changes, size_t units, float* to);

// to[u][s] = max(from[u][s] + weights[u] changes[s], 0).
void ShiftAndRectify(const float* from, const float* weights, const float* changes, size_t units,
                     float* to);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_RECTIFIER_H_
