#include "tests/unit/client/nets/plain_networks.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace polystep::nets {
namespace {

using Vector = std::vector<double>;

// One layer after the other, from the weights in their order.
class Layers {
 public:
  explicit Layers(const std::vector<float>& values) : next_(values.data()) {}

  Vector Dense(
      const Vector& in, size_t outputs,
      const std::function<double(double)>& weight = [](double w) { return w; }) {
    Vector out(outputs);
    for (double& sum : out) {
      for (double x : in) sum += weight(*next_++) * x;
      sum += weight(*next_++);
    }
    return out;
  }
  Vector Take(size_t count) {
    Vector taken(next_, next_ + count);
    next_ += count;
    return taken;
  }

 private:
  const float* next_;
};

Vector Map(Vector values, const std::function<double(double)>& function) {
  for (double& value : values) value = function(value);
  return values;
}

double Relu(double x) { return std::max(x, 0.0); }
double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double Stairs(double x) { return std::floor(5.0 * Sigmoid(x)) / 5.0; }
double Int8(double w) { return 0.01 * std::clamp(std::nearbyint(w / 0.01), -128.0, 127.0); }

// v <- 0.95 v + I; z = [v >= 1]; v <- v (1 - z).
Vector Fire(const Vector& currents, Vector& v) {
  Vector spikes(currents.size());
  for (size_t n = 0; n < currents.size(); ++n) {
    v[n] = 0.95 * v[n] + currents[n];
    spikes[n] = v[n] >= 1.0 ? 1.0 : 0.0;
    v[n] *= 1.0 - spikes[n];
  }
  return spikes;
}

Vector LifLogits(const std::vector<float>& values, const Vector& in) {
  Vector hidden_v(128), output_v(10), counts(10);
  for (int t = 0; t < 15; ++t) {
    Layers layers(values);
    const Vector hidden = Fire(layers.Dense(in, 128), hidden_v);
    const Vector output = Fire(layers.Dense(hidden, 10), output_v);
    for (size_t o = 0; o < 10; ++o) counts[o] += output[o];
  }
  return counts;
}

Vector ArgmaxLogits(const std::vector<float>& values, const Vector& in) {
  Layers layers(values);
  const Vector hidden = Map(layers.Dense(in, 128), Relu);
  Vector best_key;
  double best = 0.0;
  for (int slot = 0; slot < 8; ++slot) {
    const Vector key = layers.Take(128);
    double score = 0.0;
    for (size_t h = 0; h < 128; ++h) score += key[h] * hidden[h];
    if (!best_key.empty() && score <= best) continue;
    best = score;
    best_key = key;
  }
  Vector gated = layers.Dense(hidden, 128);
  for (size_t u = 0; u < 128; ++u) gated[u] *= Sigmoid(best_key[u]);
  return layers.Dense(gated, 10);
}

Vector LogitsOf(Task task, const std::vector<float>& values, const Vector& in) {
  Layers layers(values);
  switch (task) {
    case Task::kLif:
      return LifLogits(values, in);
    case Task::kArgmax:
      return ArgmaxLogits(values, in);
    case Task::kInt8: {
      const Vector hidden = Map(layers.Dense(in, 128), Relu);
      const Vector middle = Map(layers.Dense(hidden, 128, Int8), Relu);
      return layers.Dense(middle, 10);
    }
    case Task::kStaircase: {
      const Vector hidden = Map(layers.Dense(in, 128), Stairs);
      return layers.Dense(Map(layers.Dense(hidden, 128), Stairs), 10);
    }
    case Task::kMnist:
      break;
  }
  return layers.Dense(Map(layers.Dense(in, 128), Relu), 10);
}

}  // namespace

PlainScore PlainScoreOf(Task task, const std::vector<float>& values, const Batch& batch) {
  PlainScore score;
  for (const Block& block : batch.blocks) {
    for (size_t s = 0; s < block.samples; ++s) {
      Vector in;
      for (size_t i = 0; i < InputsOf(block); ++i) in.push_back(block.inputs[i * kBlock + s]);
      const Vector logits = LogitsOf(task, values, in);
      double sum = 0.0;
      for (double logit : logits) sum += std::exp(logit);
      const auto label = static_cast<size_t>(block.labels[s]);
      const auto answer = std::max_element(logits.begin(), logits.end()) - logits.begin();
      score.loss += (std::log(sum) - logits[label]) / static_cast<double>(batch.samples);
      score.accuracy +=
          (static_cast<size_t>(answer) == label ? 1.0 : 0.0) / static_cast<double>(batch.samples);
    }
  }
  return score;
}

}  // namespace polystep::nets
