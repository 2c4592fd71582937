// Acrobot-v1 of Gymnasium: two links, torque at the joint between them, to be swung up to a height.
//
// After Sutton, "Generalization in reinforcement learning" (NIPS 1996), with the equations of
// motion of Sutton & Barto's book and one Runge-Kutta step of 0.2 s. Values; pure but for draws.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_ACROBOT_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_ACROBOT_H_

#include <array>

#include "core/random/random_stream.h"

namespace polystep::rl {

struct Acrobot {
  static constexpr int kObservations = 6;
  static constexpr int kActions = 3;
  static constexpr int kHorizon = 500;

  // Angle of the upper link from hanging and of the lower from the upper, in rad, in [-pi, pi];
  // their velocities in rad/s, within 4 pi and 9 pi.
  using State = std::array<double, 4>;

  struct Outcome {
    State state;
    double reward;    // -1; 0 of the step that reaches the height
    bool terminated;  // the end of the lower link is a link's length above the upper joint
  };

  static State Reset(RandomStream& random);  // each uniform in [-0.1, 0.1), in single precision
  static Outcome Step(const State& state, int action);  // torque of action - 1 Nm
  // What a policy sees: cos and sin of both angles, velocities; single precision, as in Gymnasium.
  static std::array<float, kObservations> Observe(const State& state);
  // Usual magnitudes of what is seen: a quarter of the velocities' bounds.
  static constexpr std::array<float, kObservations> kUnits = {1.0f, 1.0f,   1.0f,
                                                              1.0f, 3.142f, 7.069f};
};

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_ACROBOT_H_
