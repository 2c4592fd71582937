#include "client/examples/rl/cart_pole.h"

#include "client/examples/rl/angle.h"

namespace polystep::rl {
namespace {

constexpr double kGravity = 9.8;
constexpr double kPoleMass = 0.1;
constexpr double kTotalMass = kPoleMass + 1.0;
constexpr double kLength = 0.5;  // half of the pole's
constexpr double kPoleMoment = kPoleMass * kLength;
constexpr double kForce = 10.0;
constexpr double kSeconds = 0.02;  // of a step
constexpr double kMostAngle = 12.0 * 2.0 * kPi / 360.0;
constexpr double kMostPosition = 2.4;

}  // namespace

CartPole::State CartPole::Reset(RandomStream& random) {
  State state;
  for (double& value : state) value = 0.1 * random.Uniform() - 0.05;
  return state;
}

CartPole::Outcome CartPole::Step(const State& state, int action) {
  const auto [x, x_dot, theta, theta_dot] = state;
  const double force = action == 1 ? kForce : -kForce;
  const auto [sin, cos] = SinCosOf(theta);
  const double push = (force + kPoleMoment * (theta_dot * theta_dot) * sin) / kTotalMass;
  const double theta_acceleration = (kGravity * sin - cos * push) /
                                    (kLength * (4.0 / 3.0 - kPoleMass * (cos * cos) / kTotalMass));
  const double x_acceleration = push - kPoleMoment * theta_acceleration * cos / kTotalMass;
  Outcome outcome{{x + kSeconds * x_dot, x_dot + kSeconds * x_acceleration,
                   theta + kSeconds * theta_dot, theta_dot + kSeconds * theta_acceleration},
                  1.0,
                  false};
  outcome.terminated = outcome.state[0] < -kMostPosition || outcome.state[0] > kMostPosition ||
                       outcome.state[2] < -kMostAngle || outcome.state[2] > kMostAngle;
  return outcome;
}

std::array<float, CartPole::kObservations> CartPole::Observe(const State& state) {
  std::array<float, kObservations> seen;
  for (int i = 0; i < kObservations; ++i) seen[i] = static_cast<float>(state[i]);
  return seen;
}

}  // namespace polystep::rl
