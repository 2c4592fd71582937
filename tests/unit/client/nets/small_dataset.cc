#include "tests/unit/client/nets/small_dataset.h"

#include <utility>

#include "core/random/random_stream.h"

namespace polystep::nets {
namespace {

LabelledImages RandomImages(size_t count, RandomStream& stream) {
  LabelledImages part;
  part.pixels = 64;
  for (size_t n = 0; n < count; ++n) {
    part.labels.push_back(static_cast<uint8_t>(stream.NextU32() % kClasses));
    for (size_t i = 0; i < part.pixels; ++i) {
      const uint32_t bits = stream.NextU32();
      part.images.push_back((bits >> 8) % 2 == 0 ? 0 : static_cast<uint8_t>(bits));
    }
  }
  return part;
}

}  // namespace

Dataset SmallDataset(uint64_t seed) {
  RandomStream stream(seed, 0, 0, Draw::kJitter);
  LabelledImages training = RandomImages(300, stream);
  LabelledImages test = RandomImages(70, stream);
  return *Dataset::Of(std::move(training), std::move(test), 50);
}

std::vector<float> StartValues(const std::vector<TensorShape>& tensors, uint64_t seed) {
  RandomStream stream(seed, 1, 0, Draw::kInitial);
  std::vector<float> values;
  for (const TensorShape& tensor : tensors) {
    for (size_t n = 0; n < tensor.size(); ++n) {
      double value = 0.0;
      const bool is_bias = n % tensor.columns == tensor.columns - 1;
      if (tensor.start == TensorShape::Start::kUniform) {
        value = tensor.scale * (2.0 * stream.Uniform() - 1.0);
      } else if (!is_bias || tensor.start == TensorShape::Start::kNormal) {
        value = tensor.scale * stream.Normal();
      }
      values.push_back(static_cast<float>(value));
    }
  }
  return values;
}

}  // namespace polystep::nets
