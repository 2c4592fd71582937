// The spiking network: inputs as constant currents -> hidden neurons -> output neurons, whose
// spikes are counted; the counts are the logits.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_PASS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_PASS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "client/examples/nets/lif.h"
#include "client/examples/nets/pass.h"

namespace polystep::nets {

class LifPass final : public Pass {
 public:
  LifPass(absl::Span<const float> values, std::shared_ptr<const Batch> batch, int threads);

 private:
  struct State {
    Aligned<int32_t> periods;        // [kHidden][kBlock]
    Aligned<int32_t> currents;       // [sample][kCurrents], into the output neurons
    Aligned<float> powers;           // [sample][lane], exp(spikes - 15) of the output neurons
    std::vector<SpikeOrder> orders;  // of the samples
    std::array<float, kBlock> losses{};
  };

  void AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                    absl::Span<double> sums) const override;
  void AddHidden(size_t block, absl::Span<const RowWeights> rows, absl::Span<double> sums) const;
  // At most kLifLanes rows, one a lane.
  void AddOutputs(size_t block, absl::Span<const RowWeights> rows, absl::Span<double> sums) const;
  // The losses of a block once output `row` has powers [sample][kLifLanes].
  double OutputLosses(size_t block, size_t row, const float* powers) const;
  State Forward(const Block& block, absl::Span<const float* const> hidden) const;

  Aligned<int32_t> output_weights_;  // [kHidden + 1][lane]; lanes from kClasses on are 0
  std::vector<State> states_;        // of the blocks
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_LIF_PASS_H_
