// A gate that is picked by argmax: of `kSlots` keys the one most like the hidden units opens them
// by its sigmoid. Pure functions; arrays [unit or slot][kBlock].
//
// Scores are sums of doubles, in which products of floats are exact: updated ones differ from sums
// made anew so little that a slot would change only at a tie of 15 digits.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_H_

#include <cstddef>
#include <cstdint>

#include "client/examples/nets/batch.h"

namespace polystep::nets {

inline constexpr size_t kSlots = 8;

// scores[s] = sum over h < kHidden of key[h] hidden[h][s].
void KeyScores(const float* key, const float* hidden, double* scores);

// to[slot][s] = from[slot][s] + keys[slot] (now[s] - was[s]): one hidden unit changed.
struct ScoreShift {
  const double* from;
  const float* keys;  // of the unit, one a slot
  const float* was;
  const float* now;
};
void ShiftScores(const ScoreShift& shift, double* to);

// The slot of the greatest score, the first if several are.
void PickSlots(const double* scores, int32_t* slots);

// gate[h] = sigmoid(key[h]), h < kHidden.
void GateOf(const float* key, float* gate);

// to[u][s] = (values[u][s] + weights[u] changes[s]) gates[u][s].
struct GatedShift {
  const float* values;
  const float* weights;
  const float* changes;
  const float* gates;
};
void ShiftAndGate(const GatedShift& shift, float* to);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_H_
