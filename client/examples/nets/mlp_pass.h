// Networks of rectified units: inputs -> hidden -> outputs, or with a middle layer of 8-bit weights
// between them.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_MLP_PASS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_MLP_PASS_H_

#include <memory>
#include <vector>

#include "client/examples/nets/output_layer.h"
#include "client/examples/nets/pass.h"

namespace polystep::nets {

class MlpPass final : public Pass {
 public:
  // kMnist or, with the middle layer, kInt8.
  MlpPass(Task task, absl::Span<const float> values, std::shared_ptr<const Batch> batch,
          int threads);

 private:
  // All [unit][kBlock]; the middle layer's are empty where there is none.
  struct State {
    Aligned<float> hidden;       // after rectification
    Aligned<float> middle_sums;  // before
    Aligned<float> middle;       // after
    Aligned<float> logits;
  };

  void AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                    absl::Span<double> sums) const override;
  State Forward(const Block& block, absl::Span<const float> values) const;
  // The losses of a block after a hidden unit changed.
  double AfterHidden(size_t block, size_t unit, const float* changes) const;

  const bool has_middle_;
  const size_t inputs_;
  Aligned<float> middle_;            // [unit][kHidden + 1], quantised
  Aligned<float> middle_by_hidden_;  // [hidden unit][middle unit]
  OutputLayer output_;
  std::vector<State> states_;  // of the blocks
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_MLP_PASS_H_
