#include "client/examples/rl/acrobot.h"

#include <algorithm>

#include "client/examples/rl/angle.h"

namespace polystep::rl {
namespace {

using State = Acrobot::State;

constexpr double kGravity = 9.8;
constexpr double kMass = 1.0;    // of each link, in kg
constexpr double kLength = 1.0;  // of each link, in m
constexpr double kCenter = 0.5;  // of mass, from a link's upper end, in m
constexpr double kInertia = 1.0;
constexpr double kSeconds = 0.2;  // of a step
constexpr double kMostVelocity1 = 4.0 * kPi;
constexpr double kMostVelocity2 = 9.0 * kPi;

// Time derivatives of a state under `torque`: equations (11.5) to (11.8) of the book's case study,
// less its cos(x - pi/2), which is sin(x).
State Derivative(const State& state, double torque) {
  const double rate1 = state[2];
  const double rate2 = state[3];
  const auto [sin2, cos2] = SinCosOf(state[1]);
  const double d1 =
      kMass * kCenter * kCenter +
      kMass * (kLength * kLength + kCenter * kCenter + 2.0 * kLength * kCenter * cos2) + kInertia +
      kInertia;
  const double d2 = kMass * (kCenter * kCenter + kLength * kCenter * cos2) + kInertia;
  const double phi2 = kMass * kCenter * kGravity * SinCosOf(state[0] + state[1]).sin;
  const double phi1 = -kMass * kLength * kCenter * rate2 * rate2 * sin2 -
                      2.0 * kMass * kLength * kCenter * rate2 * rate1 * sin2 +
                      (kMass * kCenter + kMass * kLength) * kGravity * SinCosOf(state[0]).sin +
                      phi2;
  const double acceleration2 =
      (torque + d2 / d1 * phi1 - kMass * kLength * kCenter * rate1 * rate1 * sin2 - phi2) /
      (kMass * kCenter * kCenter + kInertia - d2 * d2 / d1);
  const double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {rate1, rate2, acceleration1, acceleration2};
}

State Ahead(const State& state, double seconds, const State& derivative) {
  State ahead;
  for (int i = 0; i < 4; ++i) ahead[i] = state[i] + seconds * derivative[i];
  return ahead;
}

// The fourth-order Runge-Kutta step.
State Integrate(const State& state, double torque) {
  const State k1 = Derivative(state, torque);
  const State k2 = Derivative(Ahead(state, kSeconds / 2.0, k1), torque);
  const State k3 = Derivative(Ahead(state, kSeconds / 2.0, k2), torque);
  const State k4 = Derivative(Ahead(state, kSeconds, k3), torque);
  State next;
  for (int i = 0; i < 4; ++i) {
    next[i] = state[i] + kSeconds / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
  }
  return next;
}

double Wrap(double angle) {
  while (angle > kPi) angle -= 2.0 * kPi;
  while (angle < -kPi) angle += 2.0 * kPi;
  return angle;
}

}  // namespace

State Acrobot::Reset(RandomStream& random) {
  State state;
  for (double& value : state) value = static_cast<float>(0.2 * random.Uniform() - 0.1);
  return state;
}

Acrobot::Outcome Acrobot::Step(const State& state, int action) {
  State next = Integrate(state, static_cast<double>(action - 1));
  next[0] = Wrap(next[0]);
  next[1] = Wrap(next[1]);
  next[2] = std::clamp(next[2], -kMostVelocity1, kMostVelocity1);
  next[3] = std::clamp(next[3], -kMostVelocity2, kMostVelocity2);
  const bool up = -SinCosOf(next[0]).cos - SinCosOf(next[1] + next[0]).cos > 1.0;
  return {next, up ? 0.0 : -1.0, up};
}

std::array<float, Acrobot::kObservations> Acrobot::Observe(const State& state) {
  const SinCos upper = SinCosOf(state[0]);
  const SinCos lower = SinCosOf(state[1]);
  return {static_cast<float>(upper.cos), static_cast<float>(upper.sin),
          static_cast<float>(lower.cos), static_cast<float>(lower.sin),
          static_cast<float>(state[2]),  static_cast<float>(state[3])};
}

}  // namespace polystep::rl
