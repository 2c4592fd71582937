#include "client/examples/nets/lif.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "client/examples/nets/lane_math.h"
#include "core/base/wide.h"

namespace polystep::nets {
namespace {

constexpr float kLeak = 0.95f;
constexpr float kUnit = 0x1p20f;          // a current of 1, and the threshold
constexpr float kLimit = 15.75f * kUnit;  // of a weight
constexpr float kE = 2.71828183f;
using Floats = float __attribute__((vector_size(64)));
using Ints = int32_t __attribute__((vector_size(64)));

// The step, from 1 on, of the first spike under a constant current; kNever if there is none.
int32_t FirstSpike(float current) {
  float v = 0.0f;
  for (int32_t step = 1; step <= static_cast<int32_t>(kSteps); ++step) {
    v = kLeak * v + current;
    if (v >= 1.0f) return step;
  }
  return kNever;
}

// [p - 1]: the least current that makes a period of p or less. It exists: v grows with the current
// at every step, rounding included.
const std::array<float, kSteps>& Thresholds() {
  static const std::array<float, kSteps> thresholds = [] {
    std::array<float, kSteps> least{};
    for (size_t p = 0; p < kSteps; ++p) {
      auto below = std::bit_cast<uint32_t>(0.01f);
      auto enough = std::bit_cast<uint32_t>(1.0f);
      while (enough - below > 1) {
        const uint32_t middle = below + (enough - below) / 2;
        const bool fires = FirstSpike(std::bit_cast<float>(middle)) <= static_cast<int32_t>(p + 1);
        (fires ? enough : below) = middle;
      }
      least[p] = std::bit_cast<float>(enough);
    }
    return least;
  }();
  return thresholds;
}

POLYSTEP_WIDE void CountThresholds(const float* thresholds, const float* currents, size_t count,
                                   int32_t* periods) {
  for (size_t n = 0; n < count; ++n) {
    int32_t period = 1;
    for (size_t p = 0; p < kSteps; ++p) period += currents[n] >= thresholds[p] ? 0 : 1;
    periods[n] = period;
  }
}

constexpr bool FiresAt(size_t period, size_t step) {
  return period >= 1 && period <= kSteps && (step + 1) % period == 0;
}

// [old period][new period][step]: where in {-w, 0, w} the change of a current is.
using Shifts = std::array<std::array<std::array<uint8_t, kSteps + 1>, kNever + 1>, kNever + 1>;
constexpr Shifts AllShifts() {
  Shifts shifts{};
  for (size_t old = 0; old <= kNever; ++old) {
    for (size_t now = 0; now <= kNever; ++now) {
      for (size_t t = 0; t < kSteps; ++t) {
        const int change = (FiresAt(now, t) ? 1 : 0) - (FiresAt(old, t) ? 1 : 0);
        shifts[old][now][t] = static_cast<uint8_t>((1 + change) * static_cast<int>(kLifLanes));
      }
    }
  }
  return shifts;
}
constexpr Shifts kShifts = AllShifts();

POLYSTEP_INLINE void Step(const Ints& current, Floats& v, Floats& power) {
  v = kLeak * v + __builtin_convertvector(current, Floats);
  const Ints fired = v >= kUnit;
  power = fired ? power * kE : power;
  v = fired ? Floats{} : v;
}

POLYSTEP_WIDE void FireAll(const int32_t* currents, const float* start, float* powers) {
  Floats v{}, power;
  std::memcpy(&power, start, sizeof(power));
#pragma GCC unroll 15
  for (size_t t = 0; t < kSteps; ++t) {
    Ints current;
    std::memcpy(&current, currents + t * kLifLanes, sizeof(current));
    Step(current, v, power);
  }
  std::memcpy(powers, &power, sizeof(power));
}

POLYSTEP_WIDE void FireChanged(const Refire& refire, float* powers) {
  alignas(64) int32_t changes[3 * kLifLanes] = {};
  for (size_t l = 0; l < kLifLanes; ++l) {
    changes[l] = -refire.weights[l];
    changes[2 * kLifLanes + l] = refire.weights[l];
  }
  Floats start;
  std::memcpy(&start, refire.start, sizeof(start));
  for (size_t n = 0; n < refire.count; ++n) {
    const size_t s = refire.samples[n];
    const auto& shifts = kShifts[refire.old[s]][refire.now[s]];
    const int32_t* currents = refire.currents + s * kCurrents;
    Floats v{}, power = start;
#pragma GCC unroll 15
    for (size_t t = 0; t < kSteps; ++t) {
      Ints current, change;
      std::memcpy(&current, currents + t * kLifLanes, sizeof(current));
      std::memcpy(&change, changes + shifts[t], sizeof(change));
      Step(current + change, v, power);
    }
    std::memcpy(powers + n * kLifLanes, &power, sizeof(power));
  }
}

// Neurons of one period fire together, at the multiples of it.
POLYSTEP_WIDE void SumCurrents(const SpikeOrder& order, const int32_t* weights, int32_t* currents) {
  Ints sums[kSteps];
  Ints bias;
  std::memcpy(&bias, weights + kHidden * kLifLanes, sizeof(bias));
  for (size_t p = 1; p <= kSteps; ++p) {
    Ints sum{};
    for (size_t n = order.ends[p - 1]; n < order.ends[p]; ++n) {
      Ints weight;
      std::memcpy(&weight, weights + order.neurons[n] * kLifLanes, sizeof(weight));
      sum += weight;
    }
    sums[p - 1] = sum;
  }
#pragma GCC unroll 15
  for (size_t t = 0; t < kSteps; ++t) {
    Ints current = bias;
#pragma GCC unroll 15
    for (size_t p = 1; p <= t + 1; ++p) {
      if ((t + 1) % p == 0) current += sums[p - 1];
    }
    std::memcpy(currents + t * kLifLanes, &current, sizeof(current));
  }
}

POLYSTEP_WIDE void LossesOfRatios(size_t count, float* ratios) {
  for (size_t n = 0; n < count; ++n) ratios[n] = LaneLog(ratios[n]);
}

// In the order in which PartnersOf takes them.
POLYSTEP_INLINE float SumOfLanes(const float* powers) {
  float eight[8], four[4];
  for (size_t l = 0; l < 8; ++l) eight[l] = powers[l] + powers[l + 8];
  for (size_t l = 0; l < 4; ++l) four[l] = eight[l] + eight[l + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

}  // namespace

void LifPeriods(const float* currents, size_t count, int32_t* periods) {
  CountThresholds(Thresholds().data(), currents, count, periods);
}

int32_t FixedWeight(float weight) {
  const float bounded = std::min(std::max(weight * kUnit, -kLimit), kLimit);
  return static_cast<int32_t>(bounded + (bounded < 0.0f ? -0.5f : 0.5f));
}

SpikeOrder OrderOf(const int32_t* periods, size_t s) {
  SpikeOrder order{};
  std::array<uint8_t, kNever + 1> next{};  // counts first, then places
  for (size_t h = 0; h < kHidden; ++h) ++next[periods[h * kBlock + s]];
  for (size_t p = 1; p <= kSteps; ++p) {
    order.ends[p] = static_cast<uint8_t>(order.ends[p - 1] + next[p]);
    next[p] = order.ends[p - 1];
  }
  next[kNever] = order.ends[kSteps];
  for (size_t h = 0; h < kHidden; ++h) {
    order.neurons[next[periods[h * kBlock + s]]++] = static_cast<uint8_t>(h);
  }
  return order;
}

void LifCurrents(const SpikeOrder& order, const int32_t* weights, int32_t* currents) {
  SumCurrents(order, weights, currents);
}

void LifFire(const int32_t* currents, const float* start, float* powers) {
  FireAll(currents, start, powers);
}

void LifRefire(const Refire& refire, float* powers) { FireChanged(refire, powers); }

void LifLosses(const float* powers, const int32_t* labels, size_t count, float* losses) {
  for (size_t n = 0; n < count; ++n) {
    const float* own = powers + n * kLifLanes;
    losses[n] = SumOfLanes(own) / own[labels[n]];
  }
  LossesOfRatios(count, losses);
}

Partners PartnersOf(const float* powers, size_t lane) {
  float eight[8], four[4];
  for (size_t l = 0; l < 8; ++l) eight[l] = powers[l] + powers[l + 8];
  for (size_t l = 0; l < 4; ++l) four[l] = eight[l] + eight[l + 4];
  const float two[2] = {four[0] + four[2], four[1] + four[3]};
  return {{powers[lane ^ 8], eight[(lane & 7) ^ 4], four[(lane & 3) ^ 2], two[(lane & 1) ^ 1]}};
}

}  // namespace polystep::nets
