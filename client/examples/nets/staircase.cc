#include "client/examples/nets/staircase.h"

#include <algorithm>

#include "client/examples/nets/task.h"
#include "core/base/wide.h"

namespace polystep::nets {
namespace {

// Where 5 sigmoid(x) reaches 1, 2, 3 and 4: log(k / (5 - k)).
constexpr float kStairs[4] = {-1.38629436f, -0.405465108f, 0.405465108f, 1.38629436f};
constexpr float kFixed = 0x1p18f;
constexpr float kLimit = 15.75f * kFixed;

POLYSTEP_INLINE int32_t LevelOf(float x) {
  return (x >= kStairs[0] ? 1 : 0) + (x >= kStairs[1] ? 1 : 0) + (x >= kStairs[2] ? 1 : 0) +
         (x >= kStairs[3] ? 1 : 0);
}

// Of the sum of fixed weights times levels.
POLYSTEP_INLINE float ActivationOf(int32_t sum, float bias) {
  const float x = static_cast<float>(sum) * (1.0f / (5.0f * kFixed)) + bias;
  return static_cast<float>(LevelOf(x)) / 5.0f;
}

POLYSTEP_WIDE void AllLevels(const float* x, size_t count, int32_t* __restrict levels) {
  for (size_t n = 0; n < count; ++n) levels[n] = LevelOf(x[n]);
}

POLYSTEP_WIDE void SumAll(const int32_t* weights, const int32_t* levels, int32_t* __restrict sums) {
  for (size_t s = 0; s < kBlock; ++s) sums[s] = 0;
  for (size_t h = 0; h < kHidden; ++h) {
    for (size_t s = 0; s < kBlock; ++s) sums[s] += weights[h] * levels[h * kBlock + s];
  }
}

POLYSTEP_WIDE void ActivateUnit(const int32_t* sums, float bias, float* __restrict activations) {
  for (size_t s = 0; s < kBlock; ++s) activations[s] = ActivationOf(sums[s], bias);
}

POLYSTEP_WIDE void ShiftAll(const StairShift& shift, float* __restrict activations) {
  for (size_t u = 0; u < shift.units; ++u) {
    const int32_t* sums = shift.sums + u * kBlock;
    const int32_t weight = shift.weights[u];
    const float bias = shift.biases[u];
    for (size_t s = 0; s < kBlock; ++s) {
      activations[u * kBlock + s] = ActivationOf(sums[s] + weight * shift.changes[s], bias);
    }
  }
}

}  // namespace

void Levels(const float* x, size_t count, int32_t* levels) { AllLevels(x, count, levels); }

int32_t FixedStairWeight(float weight) {
  const float bounded = std::min(std::max(weight * kFixed, -kLimit), kLimit);
  return static_cast<int32_t>(bounded + (bounded < 0.0f ? -0.5f : 0.5f));
}

void StairSums(const int32_t* weights, const int32_t* levels, int32_t* sums) {
  SumAll(weights, levels, sums);
}

void StairUnit(const int32_t* sums, float bias, float* activations) {
  ActivateUnit(sums, bias, activations);
}

void ShiftStairs(const StairShift& shift, float* activations) { ShiftAll(shift, activations); }

}  // namespace polystep::nets
