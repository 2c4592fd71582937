#include "client/examples/nets/attention.h"

#include "client/examples/nets/task.h"
#include "core/base/wide.h"
#include "core/random/portable_math.h"

namespace polystep::nets {
namespace {

POLYSTEP_WIDE void ScoreAll(const float* key, const float* hidden, double* __restrict scores) {
  for (size_t s = 0; s < kBlock; ++s) scores[s] = 0.0;
  for (size_t h = 0; h < kHidden; ++h) {
    const double weight = key[h];
    for (size_t s = 0; s < kBlock; ++s) {
      scores[s] += weight * static_cast<double>(hidden[h * kBlock + s]);
    }
  }
}

POLYSTEP_WIDE void ShiftAll(const ScoreShift& shift, double* __restrict to) {
  for (size_t k = 0; k < kSlots; ++k) {
    const double key = shift.keys[k];
    for (size_t s = 0; s < kBlock; ++s) {
      const double change = static_cast<double>(shift.now[s]) - static_cast<double>(shift.was[s]);
      to[k * kBlock + s] = shift.from[k * kBlock + s] + key * change;
    }
  }
}

POLYSTEP_WIDE void PickAll(const double* scores, int32_t* __restrict slots) {
  double greatest[kBlock];
  for (size_t s = 0; s < kBlock; ++s) {
    greatest[s] = scores[s];
    slots[s] = 0;
  }
  for (size_t k = 1; k < kSlots; ++k) {
    for (size_t s = 0; s < kBlock; ++s) {
      const bool greater = scores[k * kBlock + s] > greatest[s];
      greatest[s] = greater ? scores[k * kBlock + s] : greatest[s];
      slots[s] = greater ? static_cast<int32_t>(k) : slots[s];
    }
  }
}

POLYSTEP_WIDE void GateAll(const GatedShift& shift, float* __restrict to) {
  for (size_t u = 0; u < kHidden; ++u) {
    const float weight = shift.weights[u];
    for (size_t s = 0; s < kBlock; ++s) {
      const size_t n = u * kBlock + s;
      to[n] = (shift.values[n] + weight * shift.changes[s]) * shift.gates[n];
    }
  }
}

}  // namespace

void KeyScores(const float* key, const float* hidden, double* scores) {
  ScoreAll(key, hidden, scores);
}

void ShiftScores(const ScoreShift& shift, double* to) { ShiftAll(shift, to); }

void PickSlots(const double* scores, int32_t* slots) { PickAll(scores, slots); }

void GateOf(const float* key, float* gate) {
  for (size_t h = 0; h < kHidden; ++h) {
    gate[h] = static_cast<float>(1.0 / (1.0 + PortableExp(-static_cast<double>(key[h]))));
  }
}

void ShiftAndGate(const GatedShift& shift, float* to) { GateAll(shift, to); }

}  // namespace polystep::nets
