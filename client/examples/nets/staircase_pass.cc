#include "client/examples/nets/staircase_pass.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/for_each.h"
#include "client/examples/nets/rows.h"
#include "client/examples/nets/staircase.h"

namespace polystep::nets {
namespace {

constexpr size_t kColumns = OutputLayer::kColumns;  // of all layers but the first
constexpr size_t kUnits = kHidden * kBlock;

}  // namespace

StaircasePass::StaircasePass(absl::Span<const float> values, std::shared_ptr<const Batch> batch,
                             int threads)
    : Pass(std::move(batch)),
      inputs_(InputsOf(*this->batch())),
      middle_(kHidden * kHidden),
      middle_by_hidden_(kHidden * kHidden),
      biases_(kHidden),
      output_(values.end() - OutputLayer::kWeights) {
  const float* middle = values.data() + kHidden * (inputs_ + 1);
  for (size_t u = 0; u < kHidden; ++u) {
    for (size_t h = 0; h < kHidden; ++h) {
      middle_[u * kHidden + h] = FixedStairWeight(middle[u * kColumns + h]);
      middle_by_hidden_[h * kHidden + u] = middle_[u * kHidden + h];
    }
    biases_[u] = middle[u * kColumns + kHidden];
  }
  const std::vector<Block>& blocks = this->batch()->blocks;
  states_.resize(blocks.size());
  ForEach(blocks.size(), threads, [&](size_t b) { states_[b] = Forward(blocks[b], values); });
  for (size_t b = 0; b < blocks.size(); ++b) {
    const Block& block = blocks[b];
    const State& state = states_[b];
    Count(state.losses, RightAnswers(state.logits.data(), block.labels.data(), block.samples));
  }
}

StaircasePass::State StaircasePass::Forward(const Block& block,
                                            absl::Span<const float> values) const {
  State state;
  Aligned<float> hidden(kUnits);
  Dense(RowsOf(values.data(), kHidden, inputs_ + 1), inputs_, block.inputs.data(), hidden.data());
  state.hidden.resize(kUnits);
  Levels(hidden.data(), kUnits, state.hidden.data());
  state.sums.resize(kUnits);
  state.middle.resize(kUnits);
  for (size_t u = 0; u < kHidden; ++u) {
    int32_t* sums = state.sums.data() + u * kBlock;
    StairSums(middle_.data() + u * kHidden, state.hidden.data(), sums);
    StairUnit(sums, biases_[u], state.middle.data() + u * kBlock);
  }
  state.logits.resize(OutputLayer::kLogits);
  output_.Forward(state.middle.data(), state.logits.data());
  state.losses = OutputLayer::Losses(block, state.logits.data());
  return state;
}

double StaircasePass::AfterHidden(size_t block, size_t unit, const float* sums) const {
  const State& state = states_[block];
  alignas(kLineBytes) std::array<int32_t, kBlock> changes;
  Levels(sums, kBlock, changes.data());
  bool changed = false;
  for (size_t s = 0; s < kBlock; ++s) {
    changes[s] -= state.hidden[unit * kBlock + s];
    changed |= changes[s] != 0;
  }
  if (!changed) return state.losses;
  alignas(kLineBytes) std::array<float, kUnits> middle;
  ShiftStairs({state.sums.data(), middle_by_hidden_.data() + unit * kHidden, changes.data(),
               biases_.data(), kHidden},
              middle.data());
  return output_.LossesOfUnits(batch()->blocks[block], middle.data());
}

double StaircasePass::AfterMiddle(size_t block, const RowWeights& row) const {
  const State& state = states_[block];
  std::array<int32_t, kHidden> weights;
  for (size_t h = 0; h < kHidden; ++h) weights[h] = FixedStairWeight(row.weights[h]);
  alignas(kLineBytes) std::array<int32_t, kBlock> sums;
  alignas(kLineBytes) std::array<float, kBlock> changes;
  StairSums(weights.data(), state.hidden.data(), sums.data());
  StairUnit(sums.data(), row.weights[kHidden], changes.data());
  for (size_t s = 0; s < kBlock; ++s) changes[s] -= state.middle[row.row * kBlock + s];
  return output_.LossesAfterUnit(batch()->blocks[block], state.logits.data(), row.row,
                                 changes.data());
}

void StaircasePass::AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                                 absl::Span<double> sums) const {
  if (tensor == 1) {
    for (size_t r = 0; r < rows.size(); ++r) sums[r] += AfterMiddle(block, rows[r]);
    return;
  }
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  Aligned<float> fresh(rows.size() * kBlock);
  if (tensor == 0) {
    Dense(RowsOf(rows), inputs_, samples.inputs.data(), fresh.data());
  } else {
    Dense(RowsOf(rows), kHidden, state.middle.data(), fresh.data());
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    const float* values = fresh.data() + r * kBlock;
    sums[r] += tensor == 0 ? AfterHidden(block, rows[r].row, values)
                           : OutputLayer::LossesAfterOutput(samples, state.logits.data(),
                                                            rows[r].row, values);
  }
}

}  // namespace polystep::nets
