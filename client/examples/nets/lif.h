// Leaky neurons that integrate and fire, T = 15 steps: v <- 0.95 v + I; z = [v >= 1]; v <- v (1 -
// z). Pure functions, 16 lanes at a time.
//
// Under a constant current a neuron fires every p-th step, since it starts from where a spike
// leaves it; so hidden neurons are their period p. Output currents are sums of weights in 2^-20ths:
// exact in any order, so that currents summed anew and updated ones are equal bit for bit, as are
// spikes.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "client/examples/nets/batch.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

inline constexpr size_t kSteps = 15;
inline constexpr int32_t kNever = 16;  // the period of a neuron that does not fire
inline constexpr size_t kLifLanes = 16;
inline constexpr size_t kCurrents = kSteps * kLifLanes;  // [step][lane]

// Periods of `count` neurons under constant currents.
void LifPeriods(const float* currents, size_t count, int32_t* periods);

// A weight in 2^-20ths, to the nearest. Beyond +-15.75 it is that: sums of 129 fit 32 bits.
int32_t FixedWeight(float weight);

// The hidden neurons of one sample by their period; those that never fire are the last.
struct SpikeOrder {
  std::array<uint8_t, kHidden> neurons;
  std::array<uint8_t, kSteps + 1> ends;  // those of period p are from ends[p - 1] to ends[p]
};
// periods: [kHidden][kBlock], of which sample `s` is taken.
SpikeOrder OrderOf(const int32_t* periods, size_t s);

// The currents into a lane's neuron from the spikes of one sample. weights: [kHidden + 1][lane].
void LifCurrents(const SpikeOrder& order, const int32_t* weights, int32_t* currents);

// exp(spikes - 15) of a lane's neuron under `currents`; 0 where `start` is, which is exp(-15)
// elsewhere. powers: [lane].
void LifFire(const int32_t* currents, const float* start, float* powers);

// The same for `count` samples of a block in which one hidden neuron's period changes from old to
// now ([kBlock] each) and with it the currents ([sample][kCurrents]) by the neuron's weights
// ([lane]). powers: [n][lane], of sample samples[n].
struct Refire {
  const int32_t* currents;
  const int32_t* weights;
  const float* start;
  const int32_t* old;
  const int32_t* now;
  const uint32_t* samples;
  size_t count;
};
void LifRefire(const Refire& refire, float* powers);

// losses[n] = -log of label's share of the powers of n, [kLifLanes] each.
void LifLosses(const float* powers, const int32_t* labels, size_t count, float* losses);

// All but one of the terms of a sum over the lanes, by the places at which they are added.
struct Partners {
  std::array<float, 4> terms;
};
Partners PartnersOf(const float* powers, size_t lane);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_H_
