#include "client/examples/nets/output_layer.h"

#include <algorithm>

#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/pass.h"
#include "client/examples/nets/rectifier.h"
#include "client/examples/nets/rows.h"

namespace polystep::nets {

OutputLayer::OutputLayer(const float* weights)
    : weights_(weights, weights + kWeights),
      by_unit_(Transposed(weights, kClasses, kColumns, kHidden)) {
  for (size_t o = 0; o < kClasses; ++o) rows_[o] = weights_.data() + o * kColumns;
}

void OutputLayer::Forward(const float* units, float* logits) const {
  Dense(rows_, kHidden, units, logits);
}

double OutputLayer::Losses(const Block& block, const float* logits) {
  std::array<float, kBlock> losses;
  CrossEntropy(logits, block.labels.data(), losses.data());
  return SumOfLosses(losses.data(), block.samples);
}

double OutputLayer::LossesOfUnits(const Block& block, const float* units) const {
  alignas(kLineBytes) std::array<float, kLogits> logits;
  Forward(units, logits.data());
  return Losses(block, logits.data());
}

double OutputLayer::LossesAfterUnit(const Block& block, const float* logits, size_t unit,
                                    const float* changes) const {
  alignas(kLineBytes) std::array<float, kLogits> shifted;
  Shift(logits, by_unit_.data() + unit * kClasses, changes, kClasses, shifted.data());
  return Losses(block, shifted.data());
}

double OutputLayer::LossesAfterOutput(const Block& block, const float* logits, size_t output,
                                      const float* fresh) {
  alignas(kLineBytes) std::array<float, kLogits> replaced;
  std::copy_n(logits, kLogits, replaced.begin());
  std::copy_n(fresh, kBlock, replaced.begin() + output * kBlock);
  return Losses(block, replaced.data());
}

}  // namespace polystep::nets
