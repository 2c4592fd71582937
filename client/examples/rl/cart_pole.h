// CartPole-v1 of Gymnasium: a pole on a cart that is pushed left or right, one Euler step each.
//
// After Barto, Sutton & Anderson, "Neuronlike adaptive elements that can solve difficult learning
// control problems" (IEEE SMC 13, 1983), with Gymnasium's constants. Values; pure but for draws.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_CART_POLE_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_CART_POLE_H_

#include <array>

#include "core/random/random_stream.h"

namespace polystep::rl {

struct CartPole {
  static constexpr int kObservations = 4;
  static constexpr int kActions = 2;
  static constexpr int kHorizon = 500;

  // Position in m, velocity in m/s, angle in rad, angular velocity in rad/s.
  using State = std::array<double, 4>;

  struct Outcome {
    State state;
    double reward;
    bool terminated;  // the pole fell or the cart left the track
  };

  static State Reset(RandomStream& random);             // each uniform in [-0.05, 0.05)
  static Outcome Step(const State& state, int action);  // 0: left, 1: right
  // What a policy sees: single precision, as in Gymnasium.
  static std::array<float, kObservations> Observe(const State& state);
  // Usual magnitudes of what is seen: 3 degrees, and 30 a second.
  static constexpr std::array<float, kObservations> kUnits = {0.6f, 0.6f, 0.0524f, 0.524f};
};

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_CART_POLE_H_
