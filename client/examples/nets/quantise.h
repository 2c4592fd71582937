// Weights of eight bits: 0.01 clip(round(w / 0.01), -128, 127). Pure functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_

#include <cmath>
#include <cstddef>

namespace polystep::nets {

inline constexpr float kQuantum = 0.01f;

inline float Quantised(float weight) {
  const float steps = std::nearbyint(weight / kQuantum);  // to even, as frameworks round
  return kQuantum * (steps < -128.0f ? -128.0f : steps > 127.0f ? 127.0f : steps);
}

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_QUANTISE_H_
