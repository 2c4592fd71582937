#include "client/examples/nets/lif_pass.h"

#include <algorithm>
#include <utility>

#include "client/examples/nets/dense.h"
#include "client/examples/nets/for_each.h"
#include "client/examples/nets/lane_math.h"
#include "client/examples/nets/rows.h"
#include "core/base/wide.h"

namespace polystep::nets {
namespace {

constexpr float kStart = 3.05902321e-7f;  // exp(-15)
using Lanes = std::array<float, kLifLanes>;

// kStart in the first `lanes` lanes.
Lanes StartOf(size_t lanes) {
  Lanes start{};
  std::fill_n(start.begin(), lanes, kStart);
  return start;
}

// losses[s] of a sum over the outputs with powers[s * kLifLanes] in the place of one of them.
struct Replaced {
  const float* powers;    // [s * kLifLanes]
  const float* partners;  // [term][kBlock]
  const float* of_label;  // [kBlock]; 0: the label is the output that is replaced
};
POLYSTEP_WIDE void ReplacedLosses(const Replaced& replaced, float* losses) {
  for (size_t s = 0; s < kBlock; ++s) {
    const float power = replaced.powers[s * kLifLanes];
    const float sum = (((power + replaced.partners[s]) + replaced.partners[kBlock + s]) +
                       replaced.partners[2 * kBlock + s]) +
                      replaced.partners[3 * kBlock + s];
    const float of_label = replaced.of_label[s] > 0.0f ? replaced.of_label[s] : power;
    losses[s] = LaneLog(sum / of_label);
  }
}

}  // namespace

LifPass::LifPass(absl::Span<const float> values, std::shared_ptr<const Batch> batch, int threads)
    : Pass(std::move(batch)), output_weights_((kHidden + 1) * kLifLanes, 0) {
  const size_t columns = InputsOf(*this->batch()) + 1;
  const std::vector<const float*> hidden = RowsOf(values.data(), kHidden, columns);
  const float* output = values.data() + kHidden * columns;
  for (size_t o = 0; o < kClasses; ++o) {
    for (size_t h = 0; h <= kHidden; ++h) {
      output_weights_[h * kLifLanes + o] = FixedWeight(output[o * (kHidden + 1) + h]);
    }
  }
  const std::vector<Block>& blocks = this->batch()->blocks;
  states_.resize(blocks.size());
  ForEach(blocks.size(), threads, [&](size_t b) { states_[b] = Forward(blocks[b], hidden); });
  for (size_t b = 0; b < blocks.size(); ++b) {
    const Block& block = blocks[b];
    const State& state = states_[b];
    size_t right = 0;
    for (size_t s = 0; s < block.samples; ++s) {
      const float* powers = state.powers.data() + s * kLifLanes;
      const auto answer = std::max_element(powers, powers + kClasses) - powers;
      right += answer == block.labels[s] ? 1 : 0;
    }
    Count(SumOfLosses(state.losses.data(), block.samples), right);
  }
}

LifPass::State LifPass::Forward(const Block& block, absl::Span<const float* const> hidden) const {
  State state;
  Aligned<float> currents(kHidden * kBlock);
  Dense(hidden, InputsOf(block), block.inputs.data(), currents.data());
  state.periods.resize(kHidden * kBlock);
  LifPeriods(currents.data(), kHidden * kBlock, state.periods.data());
  state.currents.resize(kBlock * kCurrents);
  state.powers.resize(kBlock * kLifLanes);
  state.orders.resize(kBlock);
  const Lanes start = StartOf(kClasses);
  for (size_t s = 0; s < kBlock; ++s) {
    state.orders[s] = OrderOf(state.periods.data(), s);
    int32_t* into = state.currents.data() + s * kCurrents;
    LifCurrents(state.orders[s], output_weights_.data(), into);
    LifFire(into, start.data(), state.powers.data() + s * kLifLanes);
  }
  LifLosses(state.powers.data(), block.labels.data(), kBlock, state.losses.data());
  return state;
}

void LifPass::AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                           absl::Span<double> sums) const {
  if (tensor == 0) return AddHidden(block, rows, sums);
  for (size_t r = 0; r < rows.size(); r += kLifLanes) {
    AddOutputs(block, rows.subspan(r, kLifLanes), sums.subspan(r, kLifLanes));
  }
}

void LifPass::AddHidden(size_t block, absl::Span<const RowWeights> rows,
                        absl::Span<double> sums) const {
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  Aligned<float> currents(rows.size() * kBlock);
  Dense(RowsOf(rows), InputsOf(samples), samples.inputs.data(), currents.data());
  alignas(kLineBytes) std::array<int32_t, kBlock> now{};
  alignas(kLineBytes) std::array<float, kBlock * kLifLanes> powers{};
  std::array<uint32_t, kBlock> changed{};
  std::array<int32_t, kBlock> labels{};
  const Lanes start = StartOf(kClasses);
  for (size_t r = 0; r < rows.size(); ++r) {
    const int32_t* old = state.periods.data() + rows[r].row * kBlock;
    LifPeriods(currents.data() + r * kBlock, kBlock, now.data());
    size_t count = 0;
    for (size_t s = 0; s < samples.samples; ++s) {
      changed[count] = static_cast<uint32_t>(s);
      labels[count] = samples.labels[s];
      count += now[s] != old[s] ? 1 : 0;
    }
    LifRefire({state.currents.data(), output_weights_.data() + rows[r].row * kLifLanes,
               start.data(), old, now.data(), changed.data(), count},
              powers.data());
    std::array<float, kBlock> fresh{};
    LifLosses(powers.data(), labels.data(), count, fresh.data());
    std::array<float, kBlock> losses = state.losses;
    for (size_t n = 0; n < count; ++n) losses[changed[n]] = fresh[n];
    sums[r] += SumOfLosses(losses.data(), samples.samples);
  }
}

void LifPass::AddOutputs(size_t block, absl::Span<const RowWeights> rows,
                         absl::Span<double> sums) const {
  const State& state = states_[block];
  Aligned<int32_t> weights((kHidden + 1) * kLifLanes, 0);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t h = 0; h <= kHidden; ++h) {
      weights[h * kLifLanes + r] = FixedWeight(rows[r].weights[h]);
    }
  }
  alignas(kLineBytes) std::array<int32_t, kCurrents> currents{};
  alignas(kLineBytes) std::array<float, kBlock * kLifLanes> powers{};
  const Lanes start = StartOf(kLifLanes);
  for (size_t s = 0; s < kBlock; ++s) {
    LifCurrents(state.orders[s], weights.data(), currents.data());
    LifFire(currents.data(), start.data(), powers.data() + s * kLifLanes);
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    sums[r] += OutputLosses(block, rows[r].row, powers.data() + r);
  }
}

double LifPass::OutputLosses(size_t block, size_t row, const float* powers) const {
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  std::array<float, 4 * kBlock> partners{};
  std::array<float, kBlock> of_label{}, losses{};
  for (size_t s = 0; s < kBlock; ++s) {
    const float* own = state.powers.data() + s * kLifLanes;
    const Partners terms = PartnersOf(own, row);
    for (size_t k = 0; k < terms.terms.size(); ++k) partners[k * kBlock + s] = terms.terms[k];
    const auto label = static_cast<size_t>(samples.labels[s]);
    of_label[s] = label == row ? 0.0f : own[label];
  }
  ReplacedLosses({powers, partners.data(), of_label.data()}, losses.data());
  return SumOfLosses(losses.data(), samples.samples);
}

}  // namespace polystep::nets
