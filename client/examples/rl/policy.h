// Policies: observations -> 16 hidden units -> actions, of which the largest is taken.
//
// A policy's parameters are four arrays, one after the other and each row-major: hidden weights
// (16 x observations), hidden biases (16), output weights (actions x 16), output biases (actions).
// Arithmetic in double precision, with the same bits on every machine. Immutable, thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_RL_POLICY_H_
#define POLYSTEP_CLIENT_EXAMPLES_RL_POLICY_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"

namespace polystep::rl {

enum class PolicyKind : uint8_t {
  kFloat,   // tanh units, weights as they are
  kInt8,    // tanh units, every array rounded to multiples of its largest magnitude / 127
  kBinary,  // hidden units and weights are signs (of zero: +1), biases as they are
};

struct PolicyShape {
  int observations = 0;  // at most 6
  int actions = 0;       // at most 3
};

class Policy {
 public:
  static constexpr int kHidden = 16;
  static constexpr int kMostObservations = 6;
  static constexpr int kMostActions = 3;

  // Numbers in all four arrays.
  static int ParameterCount(PolicyShape shape) {
    return kHidden * (shape.observations + 1) + shape.actions * (kHidden + 1);
  }

  // `parameters` has ParameterCount(shape) numbers.
  Policy(PolicyKind kind, PolicyShape shape, absl::Span<const float> parameters);

  // The action of the largest output, the first of equal ones.
  int Act(absl::Span<const float> observation) const;

 private:
  std::array<double, kHidden> Hidden(absl::Span<const float> observation) const;

  PolicyKind kind_;
  PolicyShape shape_;
  std::array<std::array<double, kHidden>, kMostObservations> hidden_weights_{};  // by observation
  std::array<double, kHidden> hidden_biases_{};
  std::array<std::array<double, kHidden>, kMostActions> output_weights_{};
  std::array<double, kMostActions> output_biases_{};
};

}  // namespace polystep::rl

#endif  // POLYSTEP_CLIENT_EXAMPLES_RL_POLICY_H_
