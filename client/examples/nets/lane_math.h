// exp and log of floats without branches, so that loops over lanes vectorise; equal bits anywhere.
// Within 2e-7 of the value, relative (exp) or absolute and relative (log).
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_LANE_MATH_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_LANE_MATH_H_

#include <bit>
#include <cstdint>

#include "core/base/wide.h"

namespace polystep::nets {

// exp(x) for x <= 0; that of less than -87 is that of -87.
POLYSTEP_INLINE float LaneExp(float x) {
  const float bounded = x < -87.0f ? -87.0f : x;
  const float turns = bounded * 1.44269504f;
  const auto exponent = static_cast<int32_t>(turns - 0.5f);  // to the nearest
  const float n = static_cast<float>(exponent);
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  float tail = 1.9875691500e-4f;  // Cephes' expf (Moshier): e^r = 1 + r + r^2 tail
  tail = tail * r + 1.3981999507e-3f;
  tail = tail * r + 8.3334519073e-3f;
  tail = tail * r + 4.1665795894e-2f;
  tail = tail * r + 1.6666665459e-1f;
  tail = tail * r + 5.0000001201e-1f;
  const float value = 1.0f + (r + r * r * tail);
  return value * std::bit_cast<float>((exponent + 127) << 23);
}

// log(x) for normal, positive x.
POLYSTEP_INLINE float LaneLog(float x) {
  const auto bits = std::bit_cast<int32_t>(x);
  // x = 2^exponent (1 + f), 1 + f in [sqrt(1/2), sqrt(2)).
  const int32_t shifted = bits - 0x3f3504f3;
  const int32_t exponent = shifted >> 23;
  const float f = std::bit_cast<float>((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  float tail = 7.0376836292e-2f;  // Cephes' logf: log(1 + f) = f - f^2/2 + f^3 tail
  tail = tail * f - 1.1514610310e-1f;
  tail = tail * f + 1.1676998740e-1f;
  tail = tail * f - 1.2420140846e-1f;
  tail = tail * f + 1.4249322787e-1f;
  tail = tail * f - 1.6668057665e-1f;
  tail = tail * f + 2.0000714765e-1f;
  tail = tail * f - 2.4999993993e-1f;
  tail = tail * f + 3.3333331174e-1f;
  const float square = f * f;
  const float n = static_cast<float>(exponent);
  const float low = (square * f * tail + n * -2.12194440e-4f) - 0.5f * square;
  return (f + low) + n * 0.693359375f;
}

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_LANE_MATH_H_
