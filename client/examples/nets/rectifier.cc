#include "client/examples/nets/rectifier.h"

#include "core/base/wide.h"

namespace polystep::nets {
namespace {

POLYSTEP_INLINE float Rectified(float x) { return x > 0.0f ? x : 0.0f; }

POLYSTEP_WIDE void RectifyAll(const float* from, size_t count, float* to) {
  for (size_t n = 0; n < count; ++n) to[n] = Rectified(from[n]);
}

POLYSTEP_WIDE void ChangeAll(const float* x, const float* was, float* __restrict changes) {
  for (size_t s = 0; s < kBlock; ++s) changes[s] = Rectified(x[s]) - was[s];
}

POLYSTEP_WIDE void ShiftAll(const float* from, const float* weights, const float* changes,
                            size_t units, float* __restrict to) {
  for (size_t u = 0; u < units; ++u) {
    for (size_t s = 0; s < kBlock; ++s) {
      to[u * kBlock + s] = from[u * kBlock + s] + weights[u] * changes[s];
    }
  }
}

POLYSTEP_WIDE void ShiftAndRectifyAll(const float* from, const float* weights, const float* changes,
                                      size_t units, float* __restrict to) {
  for (size_t u = 0; u < units; ++u) {
    for (size_t s = 0; s < kBlock; ++s) {
      to[u * kBlock + s] = Rectified(from[u * kBlock + s] + weights[u] * changes[s]);
    }
  }
}

}  // namespace

void Rectify(const float* from, size_t count, float* to) { RectifyAll(from, count, to); }

void RectifiedChange(const float* x, const float* was, float* changes) {
  ChangeAll(x, was, changes);
}

void Shift(const float* from, const float* weights, const float* changes, size_t units, float* to) {
  ShiftAll(from, weights, changes, units, to);
}

void ShiftAndRectify(const float* from, const float* weights, const float* changes, size_t units,
                     float* to) {
  ShiftAndRectifyAll(from, weights, changes, units, to);
}

}  // namespace polystep::nets
