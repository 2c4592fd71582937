#include "client/examples/rl/task.h"

#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "client/examples/rl/acrobot.h"
#include "client/examples/rl/cart_pole.h"
#include "core/random/random_stream.h"

namespace polystep::rl {
namespace {

// What a policy gets: observations in their usual magnitudes.
template <class Environment>
auto Input(const typename Environment::State& state) {
  auto seen = Environment::Observe(state);
  for (size_t i = 0; i < seen.size(); ++i) seen[i] /= Environment::kUnits[i];
  return seen;
}

template <class Environment>
double EpisodeReturn(const Policy& policy, RandomStream random) {
  typename Environment::State state = Environment::Reset(random);
  double total = 0.0;
  for (int step = 0; step < Environment::kHorizon; ++step) {
    const auto outcome = Environment::Step(state, policy.Act(Input<Environment>(state)));
    total += outcome.reward;
    if (outcome.terminated) break;
    state = outcome.state;
  }
  return total;
}

}  // namespace

PolicyShape Task::shape() const {
  if (kind == TaskKind::kCartPole) return {CartPole::kObservations, CartPole::kActions};
  return {Acrobot::kObservations, Acrobot::kActions};
}

int Task::episodes() const {
  return kind == TaskKind::kCartPole && policy == PolicyKind::kFloat ? 32 : 16;
}

int64_t Task::evaluations() const { return kind == TaskKind::kCartPole ? 3216 : 9600; }

std::optional<double> Task::largest_return() const {
  if (kind == TaskKind::kCartPole) return CartPole::kHorizon;
  return std::nullopt;
}

std::string Task::name() const {
  return absl::StrCat(kind == TaskKind::kCartPole ? "cartpole-" : "acrobot-",
                      policy == PolicyKind::kFloat  ? "float"
                      : policy == PolicyKind::kInt8 ? "int8"
                                                    : "binary");
}

std::vector<double> Returns(const Task& task, absl::Span<const float> parameters,
                            const Episodes& episodes) {
  const Policy policy(task.policy, task.shape(), parameters);
  std::vector<double> returns;
  returns.reserve(static_cast<size_t>(episodes.count));
  for (int episode = 0; episode < episodes.count; ++episode) {
    const RandomStream random(episodes.seed, static_cast<uint64_t>(episode),
                              static_cast<uint32_t>(episodes.set), Draw::kInitial);
    returns.push_back(task.kind == TaskKind::kCartPole ? EpisodeReturn<CartPole>(policy, random)
                                                       : EpisodeReturn<Acrobot>(policy, random));
  }
  return returns;
}

double Mean(absl::Span<const double> values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double StandardDeviation(absl::Span<const double> values) {
  if (values.size() < 2) return 0.0;
  const double mean = Mean(values);
  double squares = 0.0;
  for (double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace polystep::rl
