// The network whose hidden and middle units have five levels: inputs -> hidden -> middle ->
// outputs.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_PASS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_PASS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "client/examples/nets/output_layer.h"
#include "client/examples/nets/pass.h"

namespace polystep::nets {

class StaircasePass final : public Pass {
 public:
  StaircasePass(absl::Span<const float> values, std::shared_ptr<const Batch> batch, int threads);

 private:
  // All [unit][kBlock].
  struct State {
    Aligned<int32_t> hidden;  // levels
    Aligned<int32_t> sums;    // of the middle units, fixed, without bias
    Aligned<float> middle;    // activations
    Aligned<float> logits;
    double losses = 0.0;
  };

  void AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                    absl::Span<double> sums) const override;
  State Forward(const Block& block, absl::Span<const float> values) const;
  double AfterHidden(size_t block, size_t unit, const float* sums) const;
  double AfterMiddle(size_t block, const RowWeights& row) const;

  const size_t inputs_;
  Aligned<int32_t> middle_;            // [middle unit][kHidden], fixed
  Aligned<int32_t> middle_by_hidden_;  // [hidden unit][middle unit]
  Aligned<float> biases_;              // of the middle units
  OutputLayer output_;
  std::vector<State> states_;  // of the blocks
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_STAIRCASE_PASS_H_
