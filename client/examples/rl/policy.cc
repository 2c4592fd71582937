#include "client/examples/rl/policy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random/portable_math.h"

namespace polystep::rl {
namespace {

double Tanh(double x) { return 1.0 - 2.0 / (PortableExp(2.0 * x) + 1.0); }

double Sign(double x) { return x < 0.0 ? -1.0 : 1.0; }

// round(x 127 / max |x|) max |x| / 127.
void RoundToInt8(std::vector<double>& array) {
  double largest = 0.0;
  for (double x : array) largest = std::max(largest, std::abs(x));
  if (largest == 0.0) return;
  for (double& x : array) x = std::round(x * 127.0 / largest) * largest / 127.0;
}

// The next `count` parameters as a policy of this kind has them; moves `rest` past them.
std::vector<double> Take(PolicyKind kind, bool weights, int count, absl::Span<const float>& rest) {
  std::vector<double> array(rest.begin(), rest.begin() + count);
  rest.remove_prefix(static_cast<size_t>(count));
  if (kind == PolicyKind::kInt8) RoundToInt8(array);
  if (kind == PolicyKind::kBinary && weights)
    std::transform(array.begin(), array.end(), array.begin(), Sign);
  return array;
}

}  // namespace

Policy::Policy(PolicyKind kind, PolicyShape shape, absl::Span<const float> parameters)
    : kind_(kind), shape_(shape) {
  const std::vector<double> first = Take(kind, true, kHidden * shape.observations, parameters);
  for (int h = 0; h < kHidden; ++h) {
    for (int o = 0; o < shape.observations; ++o) {
      hidden_weights_[o][h] = first[h * shape.observations + o];
    }
  }
  const std::vector<double> biases = Take(kind, false, kHidden, parameters);
  std::copy(biases.begin(), biases.end(), hidden_biases_.begin());
  const std::vector<double> second = Take(kind, true, shape.actions * kHidden, parameters);
  for (int a = 0; a < shape.actions; ++a) {
    std::copy_n(second.begin() + a * kHidden, kHidden, output_weights_[a].begin());
  }
  const std::vector<double> last = Take(kind, false, shape.actions, parameters);
  std::copy(last.begin(), last.end(), output_biases_.begin());
}

std::array<double, Policy::kHidden> Policy::Hidden(absl::Span<const float> observation) const {
  std::array<double, kHidden> units = hidden_biases_;
  for (int o = 0; o < shape_.observations; ++o) {
    const double seen = observation[o];
    for (int h = 0; h < kHidden; ++h) units[h] += hidden_weights_[o][h] * seen;
  }
  for (double& unit : units) unit = kind_ == PolicyKind::kBinary ? Sign(unit) : Tanh(unit);
  return units;
}

int Policy::Act(absl::Span<const float> observation) const {
  const std::array<double, kHidden> units = Hidden(observation);
  int best = 0;
  double largest = 0.0;
  for (int a = 0; a < shape_.actions; ++a) {
    double output = output_biases_[a];
    for (int h = 0; h < kHidden; ++h) output += output_weights_[a][h] * units[h];
    if (a > 0 && output <= largest) continue;
    best = a;
    largest = output;
  }
  return best;
}

}  // namespace polystep::rl
