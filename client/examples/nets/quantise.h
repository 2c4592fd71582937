// Weights of eight bits: 0.01 clip(round(w / 0.01), -128, 127). Pure functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_

#include "core/base/wide.h"

namespace polystep::nets {

inline constexpr float kQuantum = 0.01f;

// Without branches or calls, so that loops over it vectorise. NaN becomes -128 quanta.
POLYSTEP_INLINE float Quantised(float weight) {
  constexpr float kWholeFromHere = 0x1.8p23f;  // floats of its size are whole numbers
  const float steps = weight / kQuantum;
  const float least = steps > -128.0f ? steps : -128.0f;
  const float clipped = least < 127.0f ? least : 127.0f;
  const float whole = (clipped + kWholeFromHere) - kWholeFromHere;  // to even, as frameworks round
  return kQuantum * whole;
}

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_
