#include "client/examples/nets/attention_pass.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/for_each.h"
#include "client/examples/nets/rectifier.h"
#include "client/examples/nets/rows.h"

namespace polystep::nets {
namespace {

constexpr size_t kColumns = OutputLayer::kColumns;  // of the values and the outputs
constexpr size_t kUnits = kHidden * kBlock;
enum Tensor : size_t { kHiddenLayer, kKeys, kValues, kOutputs };

}  // namespace

AttentionPass::AttentionPass(absl::Span<const float> values, std::shared_ptr<const Batch> batch,
                             int threads)
    : Pass(std::move(batch)),
      inputs_(InputsOf(*this->batch())),
      gates_(kSlots * kHidden),
      output_(values.end() - OutputLayer::kWeights) {
  const float* next = values.data() + kHidden * (inputs_ + 1);
  keys_.assign(next, next + kSlots * kHidden);
  keys_by_hidden_ = Transposed(keys_.data(), kSlots, kHidden, kHidden);
  for (size_t k = 0; k < kSlots; ++k) GateOf(&keys_[k * kHidden], &gates_[k * kHidden]);
  next += keys_.size();
  values_.assign(next, next + kHidden * kColumns);
  values_by_hidden_ = Transposed(values_.data(), kHidden, kColumns, kHidden);
  const std::vector<Block>& blocks = this->batch()->blocks;
  states_.resize(blocks.size());
  ForEach(blocks.size(), threads, [&](size_t b) { states_[b] = Forward(blocks[b], values); });
  for (size_t b = 0; b < blocks.size(); ++b) {
    const Block& block = blocks[b];
    const State& state = states_[b];
    Count(state.losses, RightAnswers(state.logits.data(), block.labels.data(), block.samples));
  }
}

AttentionPass::State AttentionPass::Forward(const Block& block,
                                            absl::Span<const float> values) const {
  State state;
  state.hidden.resize(kUnits);
  Dense(RowsOf(values.data(), kHidden, inputs_ + 1), inputs_, block.inputs.data(),
        state.hidden.data());
  Rectify(state.hidden.data(), kUnits, state.hidden.data());
  state.scores.resize(kSlots * kBlock);
  for (size_t k = 0; k < kSlots; ++k) {
    KeyScores(&keys_[k * kHidden], state.hidden.data(), &state.scores[k * kBlock]);
  }
  state.slots.resize(kBlock);
  PickSlots(state.scores.data(), state.slots.data());
  state.values.resize(kUnits);
  Dense(RowsOf(values_.data(), kHidden, kColumns), kHidden, state.hidden.data(),
        state.values.data());
  state.gates.resize(kUnits);
  state.gated.resize(kUnits);
  for (size_t u = 0; u < kHidden; ++u) {
    for (size_t s = 0; s < kBlock; ++s) {
      const size_t n = u * kBlock + s;
      state.gates[n] = GateOfSlot(state.slots[s])[u];
      state.gated[n] = state.values[n] * state.gates[n];
    }
  }
  state.logits.resize(OutputLayer::kLogits);
  output_.Forward(state.gated.data(), state.logits.data());
  state.losses = OutputLayer::Losses(block, state.logits.data());
  return state;
}

// Gates of the center's slots first, then the samples whose slot is another one.
double AttentionPass::AfterHidden(size_t block, size_t unit, const float* sums) const {
  const State& state = states_[block];
  const float* was = state.hidden.data() + unit * kBlock;
  alignas(kLineBytes) std::array<float, kBlock> now, changes;
  alignas(kLineBytes) std::array<double, kSlots * kBlock> scores;
  alignas(kLineBytes) std::array<int32_t, kBlock> slots;
  alignas(kLineBytes) std::array<float, kUnits> gated;
  Rectify(sums, kBlock, now.data());
  RectifiedChange(sums, was, changes.data());
  ShiftScores({state.scores.data(), &keys_by_hidden_[unit * kSlots], was, now.data()},
              scores.data());
  PickSlots(scores.data(), slots.data());
  const float* weights = &values_by_hidden_[unit * kHidden];
  ShiftAndGate({state.values.data(), weights, changes.data(), state.gates.data()}, gated.data());
  for (size_t s = 0; s < kBlock; ++s) {
    if (slots[s] == state.slots[s]) continue;
    const float* gate = GateOfSlot(slots[s]);
    for (size_t u = 0; u < kHidden; ++u) {
      gated[u * kBlock + s] = (state.values[u * kBlock + s] + weights[u] * changes[s]) * gate[u];
    }
  }
  return output_.LossesOfUnits(batch()->blocks[block], gated.data());
}

double AttentionPass::AfterKey(size_t block, const RowWeights& row) const {
  const State& state = states_[block];
  alignas(kLineBytes) std::array<double, kSlots * kBlock> scores;
  alignas(kLineBytes) std::array<int32_t, kBlock> slots;
  std::copy(state.scores.begin(), state.scores.end(), scores.begin());
  KeyScores(row.weights, state.hidden.data(), scores.data() + row.row * kBlock);
  PickSlots(scores.data(), slots.data());
  const auto changed = static_cast<int32_t>(row.row);
  const auto differs = [&](size_t s) { return slots[s] != state.slots[s] || slots[s] == changed; };
  size_t first = 0;
  while (first < kBlock && !differs(first)) ++first;
  if (first == kBlock) return state.losses;
  alignas(kLineBytes) std::array<float, kUnits> gated;
  std::copy(state.gated.begin(), state.gated.end(), gated.begin());
  std::array<float, kHidden> changed_gate;
  GateOf(row.weights, changed_gate.data());
  for (size_t s = first; s < kBlock; ++s) {
    if (!differs(s)) continue;
    const float* gate = slots[s] == changed ? changed_gate.data() : GateOfSlot(slots[s]);
    for (size_t u = 0; u < kHidden; ++u) {
      gated[u * kBlock + s] = state.values[u * kBlock + s] * gate[u];
    }
  }
  return output_.LossesOfUnits(batch()->blocks[block], gated.data());
}

double AttentionPass::AfterValue(size_t block, size_t unit, const float* values) const {
  const State& state = states_[block];
  alignas(kLineBytes) std::array<float, kBlock> changes;
  for (size_t s = 0; s < kBlock; ++s) {
    const size_t n = unit * kBlock + s;
    changes[s] = values[s] * state.gates[n] - state.gated[n];
  }
  return output_.LossesAfterUnit(batch()->blocks[block], state.logits.data(), unit, changes.data());
}

void AttentionPass::AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                                 absl::Span<double> sums) const {
  if (tensor == kKeys) {
    for (size_t r = 0; r < rows.size(); ++r) sums[r] += AfterKey(block, rows[r]);
    return;
  }
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  const float* units = tensor == kHiddenLayer ? samples.inputs.data()
                       : tensor == kValues    ? state.hidden.data()
                                              : state.gated.data();
  Aligned<float> fresh(rows.size() * kBlock);
  Dense(RowsOf(rows), tensor == kHiddenLayer ? inputs_ : kHidden, units, fresh.data());
  for (size_t r = 0; r < rows.size(); ++r) {
    const float* values = fresh.data() + r * kBlock;
    if (tensor == kHiddenLayer) {
      sums[r] += AfterHidden(block, rows[r].row, values);
    } else if (tensor == kValues) {
      sums[r] += AfterValue(block, rows[r].row, values);
    } else {
      sums[r] += OutputLayer::LossesAfterOutput(samples, state.logits.data(), rows[r].row, values);
    }
  }
}

}  // namespace polystep::nets
