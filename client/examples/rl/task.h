// What a policy is held against: episodes of a task, drawn from a seed. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_TASK_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_TASK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/examples/rl/policy.h"

namespace polystep::rl {

enum class TaskKind : uint8_t { kCartPole, kAcrobot };

struct Task {
  TaskKind kind = TaskKind::kCartPole;
  PolicyKind policy = PolicyKind::kFloat;

  PolicyShape shape() const;
  // Of an evaluation (32 for CartPole with a float policy, else 16), and the candidates of a run:
  // those of the paper (arXiv 2605.01928).
  int episodes() const;
  int64_t evaluations() const;
  // What no policy can exceed, where policies are known to reach it.
  std::optional<double> largest_return() const;
  std::string name() const;  // "cartpole-int8"
};

// Which episodes a seed stands for: those of a search are never those of a test, whatever the
// seeds.
enum class EpisodeSet : uint32_t { kSearch = 0, kTest = 1 };

struct Episodes {
  uint64_t seed = 0;
  int count = 1;
  EpisodeSet set = EpisodeSet::kSearch;
};

// The total reward of each episode, of a policy whose inputs are observations in usual magnitudes
// (kUnits of the environments). The same seed gives every policy the same starts.
// `parameters` are as policy.h has them.
std::vector<double> Returns(const Task& task, absl::Span<const float> parameters,
                            const Episodes& episodes);

double Mean(absl::Span<const double> values);               // 0 of none
double StandardDeviation(absl::Span<const double> values);  // of the sample; 0 of fewer than two

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_TASK_H_
