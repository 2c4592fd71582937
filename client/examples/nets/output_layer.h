// The last dense layer and its cross-entropy, and what changes before and in it do. Const after it
// was made: thread-safe. Arrays are [unit or class][kBlock]; losses are sums over a block's
// samples.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_OUTPUT_LAYER_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_OUTPUT_LAYER_H_

#include <array>
#include <cstddef>

#include "client/examples/nets/batch.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

class OutputLayer {
 public:
  static constexpr size_t kColumns = kHidden + 1;
  static constexpr size_t kWeights = kClasses * kColumns;
  static constexpr size_t kLogits = kClasses * kBlock;

  // Row-major, the biases last.
  explicit OutputLayer(const float* weights);

  void Forward(const float* units, float* logits) const;
  // Of logits as they are.
  static double Losses(const Block& block, const float* logits);
  // Of other units.
  double LossesOfUnits(const Block& block, const float* units) const;
  // Of `logits` after one unit changed by changes[s].
  double LossesAfterUnit(const Block& block, const float* logits, size_t unit,
                         const float* changes) const;
  // Of `logits` with those of one class replaced.
  static double LossesAfterOutput(const Block& block, const float* logits, size_t output,
                                  const float* fresh);

 private:
  Aligned<float> weights_;
  Aligned<float> by_unit_;  // [unit][kClasses]
  std::array<const float*, kClasses> rows_{};
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_OUTPUT_LAYER_H_
