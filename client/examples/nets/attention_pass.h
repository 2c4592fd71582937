// The network of a gate picked by argmax: hidden = max(0, dense(inputs)); slot = argmax of the
// keys' products with hidden; outputs = dense(dense(hidden) * sigmoid(key of the slot)).
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_PASS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_PASS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "client/examples/nets/attention.h"
#include "client/examples/nets/output_layer.h"
#include "client/examples/nets/pass.h"

namespace polystep::nets {

class AttentionPass final : public Pass {
 public:
  AttentionPass(absl::Span<const float> values, std::shared_ptr<const Batch> batch, int threads);

 private:
  // All [unit or slot][kBlock].
  struct State {
    Aligned<float> hidden;
    Aligned<double> scores;
    Aligned<int32_t> slots;  // [kBlock]
    Aligned<float> values;   // before the gate
    Aligned<float> gates;
    Aligned<float> gated;
    Aligned<float> logits;
    double losses = 0.0;
  };

  void AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                    absl::Span<double> sums) const override;
  State Forward(const Block& block, absl::Span<const float> values) const;
  double AfterHidden(size_t block, size_t unit, const float* sums) const;
  double AfterKey(size_t block, const RowWeights& row) const;
  double AfterValue(size_t block, size_t unit, const float* values) const;
  const float* GateOfSlot(int32_t slot) const { return gates_.data() + slot * kHidden; }

  const size_t inputs_;
  Aligned<float> keys_;              // [slot][kHidden]
  Aligned<float> keys_by_hidden_;    // [hidden unit][slot]
  Aligned<float> gates_;             // [slot][kHidden]
  Aligned<float> values_;            // [value][kHidden + 1]
  Aligned<float> values_by_hidden_;  // [hidden unit][value]
  OutputLayer output_;
  std::vector<State> states_;  // of the blocks
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_ATTENTION_PASS_H_
