#include "tests/bench/nets/gradients.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace polystep::bench {
namespace {

using nets::kBlock;
using nets::kClasses;
using nets::kHidden;
using Array = Eigen::ArrayXXf;  // [unit, sample]
using Matrix = Eigen::MatrixXf;
using Rows = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using ConstRows =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr int kSteps = 15;
constexpr float kLeak = 0.95f;

// [input, sample], without the blocks' padding.
Matrix SamplesOf(const nets::Batch& batch) {
  const auto inputs = static_cast<Eigen::Index>(nets::InputsOf(batch));
  Matrix x(inputs, static_cast<Eigen::Index>(batch.samples));
  Eigen::Index column = 0;
  for (const nets::Block& block : batch.blocks) {
    for (size_t s = 0; s < block.samples; ++s, ++column) {
      for (Eigen::Index i = 0; i < inputs; ++i) {
        x(i, column) = block.inputs[static_cast<size_t>(i) * kBlock + s];
      }
    }
  }
  return x;
}

// A layer's weights, the last column its biases, and their gradient.
struct Layer {
  ConstRows weights;
  Rows gradient;

  Matrix Forward(const Matrix& x) const {
    Matrix z = weights.leftCols(x.rows()) * x;
    z.colwise() += weights.col(x.rows());
    return z;
  }
  // Adds to the gradient; returns that of x.
  Matrix Backward(const Matrix& x, const Matrix& of_sums) {
    gradient.leftCols(x.rows()) += of_sums * x.transpose();
    gradient.col(x.rows()) += of_sums.rowwise().sum();
    return weights.leftCols(x.rows()).transpose() * of_sums;
  }
};

// Of mean cross-entropy by the logits.
Matrix OfLogits(const Matrix& logits, const nets::Batch& batch) {
  Array powers = (logits.rowwise() - logits.colwise().maxCoeff()).array().exp();
  powers.rowwise() /= powers.colwise().sum().eval();
  Eigen::Index column = 0;
  for (const nets::Block& block : batch.blocks) {
    for (size_t s = 0; s < block.samples; ++s) powers(block.labels[s], column++) -= 1.0f;
  }
  return (powers / static_cast<float>(batch.samples)).matrix();
}

Array Sigmoid(const Array& x) { return 1.0f / (1.0f + (-x).exp()); }
Array Positive(const Array& x) { return (x > 0.0f).cast<float>(); }
Array Spikes(const Array& u) { return (u >= 1.0f).cast<float>(); }
Array Surrogate(const Array& u) { return (1.0f + 5.0f * (u - 1.0f).abs()).square().inverse(); }

void Lif(std::vector<Layer>& layers, const nets::Batch& batch, const Matrix& x) {
  const Matrix current = layers[0].Forward(x);
  const Eigen::Index samples = x.cols();
  std::vector<Array> hidden, output;  // potentials before the reset, by step
  Array counts = Array::Zero(kClasses, samples);
  Array v1 = Array::Zero(kHidden, samples), v2 = counts;
  for (int t = 0; t < kSteps; ++t) {
    hidden.emplace_back(kLeak * v1 + current.array());
    const Array spikes = Spikes(hidden.back());
    v1 = hidden.back() * (1.0f - spikes);
    output.emplace_back(kLeak * v2 + layers[1].Forward(spikes.matrix()).array());
    const Array out = Spikes(output.back());
    v2 = output.back() * (1.0f - out);
    counts += out;
  }
  const Array of_counts = OfLogits(counts.matrix(), batch).array();
  Array of_hidden = Array::Zero(kHidden, samples), of_current = of_hidden;
  Array of_output = Array::Zero(kClasses, samples);
  for (int t = kSteps - 1; t >= 0; --t) {
    of_output = of_counts * Surrogate(output[t]) + kLeak * (1.0f - Spikes(output[t])) * of_output;
    const Array spikes = Spikes(hidden[t]);
    const Array of_spikes = layers[1].Backward(spikes.matrix(), of_output.matrix()).array();
    of_hidden = of_spikes * Surrogate(hidden[t]) + kLeak * (1.0f - spikes) * of_hidden;
    of_current += of_hidden;
  }
  layers[0].Backward(x, of_current.matrix());
}

void Rectified(std::vector<Layer>& layers, const nets::Batch& batch, const Matrix& x) {
  std::vector<Matrix> units = {x};
  for (size_t n = 0; n + 1 < layers.size(); ++n) {
    units.emplace_back(layers[n].Forward(units.back()).cwiseMax(0.0f));
  }
  Matrix back = OfLogits(layers.back().Forward(units.back()), batch);
  for (size_t n = layers.size(); n-- > 0;) {
    back = layers[n].Backward(units[n], back);
    if (n > 0) back.array() *= Positive(units[n].array());
  }
}

void Staircase(std::vector<Layer>& layers, const nets::Batch& batch, const Matrix& x) {
  std::vector<Matrix> units = {x};
  std::vector<Array> slopes;
  for (size_t n = 0; n + 1 < layers.size(); ++n) {
    const Array sigmoid = Sigmoid(layers[n].Forward(units.back()).array());
    slopes.emplace_back(sigmoid * (1.0f - sigmoid));
    units.emplace_back(((5.0f * sigmoid).floor() / 5.0f).matrix());
  }
  Matrix back = OfLogits(layers.back().Forward(units.back()), batch);
  for (size_t n = layers.size(); n-- > 0;) {
    back = layers[n].Backward(units[n], back);
    if (n > 0) back.array() *= slopes[n - 1];
  }
}

// Layers: hidden, keys (no biases), values, output.
void Argmax(std::vector<Layer>& layers, const nets::Batch& batch, const Matrix& x) {
  const Matrix hidden = layers[0].Forward(x).cwiseMax(0.0f);
  const Matrix products = layers[1].weights * hidden;
  std::vector<Eigen::Index> slots(static_cast<size_t>(x.cols()));
  Array gates(kHidden, x.cols());
  for (Eigen::Index s = 0; s < x.cols(); ++s) {
    products.col(s).maxCoeff(&slots[static_cast<size_t>(s)]);
    gates.col(s) =
        Sigmoid(layers[1].weights.row(slots[static_cast<size_t>(s)]).transpose().array());
  }
  const Matrix values = layers[2].Forward(hidden);
  const Matrix gated = (values.array() * gates).matrix();
  const Array back = layers[3].Backward(gated, OfLogits(layers[3].Forward(gated), batch)).array();
  const Array of_keys = back * values.array() * gates * (1.0f - gates);
  for (Eigen::Index s = 0; s < x.cols(); ++s) {
    layers[1].gradient.row(slots[static_cast<size_t>(s)]) += of_keys.col(s).matrix().transpose();
  }
  const Array of_hidden = layers[2].Backward(hidden, (back * gates).matrix()).array();
  layers[0].Backward(x, (of_hidden * Positive(hidden.array())).matrix());
}

}  // namespace

std::vector<float> GradientOf(nets::Task task, absl::Span<const float> values,
                              const nets::Batch& batch) {
  std::vector<float> used(values.begin(), values.end());
  std::vector<float> gradient(values.size());
  std::vector<Layer> layers;
  size_t begin = 0;
  for (const nets::TensorShape& shape : nets::TensorsOf(task, nets::InputsOf(batch))) {
    if (task == nets::Task::kInt8 && layers.size() == 1) {
      for (size_t n = begin; n < begin + shape.size(); ++n) {
        used[n] = 0.01f * std::min(127.0f, std::max(-128.0f, std::nearbyint(used[n] / 0.01f)));
      }
    }
    const auto rows = static_cast<Eigen::Index>(shape.outputs);
    const auto columns = static_cast<Eigen::Index>(shape.columns);
    layers.push_back({ConstRows(used.data() + begin, rows, columns),
                      Rows(gradient.data() + begin, rows, columns)});
    begin += shape.size();
  }
  const Matrix x = SamplesOf(batch);
  switch (task) {
    case nets::Task::kLif:
      Lif(layers, batch, x);
      break;
    case nets::Task::kArgmax:
      Argmax(layers, batch, x);
      break;
    case nets::Task::kStaircase:
      Staircase(layers, batch, x);
      break;
    case nets::Task::kInt8:
    case nets::Task::kMnist:
      Rectified(layers, batch, x);
  }
  return gradient;
}

}  // namespace polystep::bench
