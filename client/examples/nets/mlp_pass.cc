#include "client/examples/nets/mlp_pass.h"

#include <array>
#include <utility>

#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/for_each.h"
#include "client/examples/nets/quantise.h"
#include "client/examples/nets/rectifier.h"
#include "client/examples/nets/rows.h"
#include "core/base/wide.h"

namespace polystep::nets {
namespace {

constexpr size_t kColumns = OutputLayer::kColumns;  // of all layers but the first
constexpr size_t kUnits = kHidden * kBlock;

POLYSTEP_WIDE void QuantiseRow(const float* from, float* to) {
  for (size_t c = 0; c < kColumns; ++c) to[c] = Quantised(from[c]);
}

Aligned<float> QuantisedRows(absl::Span<const float* const> rows) {
  Aligned<float> quantised(rows.size() * kColumns);
  for (size_t r = 0; r < rows.size(); ++r) QuantiseRow(rows[r], quantised.data() + r * kColumns);
  return quantised;
}

}  // namespace

MlpPass::MlpPass(Task task, absl::Span<const float> values, std::shared_ptr<const Batch> batch,
                 int threads)
    : Pass(std::move(batch)),
      has_middle_(task == Task::kInt8),
      inputs_(InputsOf(*this->batch())),
      output_(values.end() - OutputLayer::kWeights) {
  if (has_middle_) {
    const float* middle = values.data() + kHidden * (inputs_ + 1);
    middle_ = QuantisedRows(RowsOf(middle, kHidden, kColumns));
    middle_by_hidden_ = Transposed(middle_.data(), kHidden, kColumns, kHidden);
  }
  const std::vector<Block>& blocks = this->batch()->blocks;
  states_.resize(blocks.size());
  ForEach(blocks.size(), threads, [&](size_t b) { states_[b] = Forward(blocks[b], values); });
  for (size_t b = 0; b < blocks.size(); ++b) {
    const Block& block = blocks[b];
    const float* logits = states_[b].logits.data();
    Count(OutputLayer::Losses(block, logits),
          RightAnswers(logits, block.labels.data(), block.samples));
  }
}

MlpPass::State MlpPass::Forward(const Block& block, absl::Span<const float> values) const {
  State state;
  state.hidden.resize(kUnits);
  Dense(RowsOf(values.data(), kHidden, inputs_ + 1), inputs_, block.inputs.data(),
        state.hidden.data());
  Rectify(state.hidden.data(), kUnits, state.hidden.data());
  if (has_middle_) {
    state.middle_sums.resize(kUnits);
    state.middle.resize(kUnits);
    Dense(RowsOf(middle_.data(), kHidden, kColumns), kHidden, state.hidden.data(),
          state.middle_sums.data());
    Rectify(state.middle_sums.data(), kUnits, state.middle.data());
  }
  state.logits.resize(OutputLayer::kLogits);
  output_.Forward(has_middle_ ? state.middle.data() : state.hidden.data(), state.logits.data());
  return state;
}

double MlpPass::AfterHidden(size_t block, size_t unit, const float* changes) const {
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  if (!has_middle_) return output_.LossesAfterUnit(samples, state.logits.data(), unit, changes);
  alignas(kLineBytes) std::array<float, kUnits> middle;
  ShiftAndRectify(state.middle_sums.data(), middle_by_hidden_.data() + unit * kHidden, changes,
                  kHidden, middle.data());
  return output_.LossesOfUnits(samples, middle.data());
}

void MlpPass::AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                           absl::Span<double> sums) const {
  const Block& samples = batch()->blocks[block];
  const State& state = states_[block];
  const bool is_output = tensor == (has_middle_ ? 2 : 1);
  const bool is_middle = tensor == 1 && has_middle_;
  std::vector<const float*> weights = RowsOf(rows);
  Aligned<float> quantised;
  if (is_middle) {
    quantised = QuantisedRows(weights);
    weights = RowsOf(quantised.data(), rows.size(), kColumns);
  }
  Aligned<float> fresh(rows.size() * kBlock);
  if (tensor == 0) {
    Dense(weights, inputs_, samples.inputs.data(), fresh.data());
  } else {
    const bool after_middle = is_output && has_middle_;
    Dense(weights, kHidden, after_middle ? state.middle.data() : state.hidden.data(), fresh.data());
  }
  alignas(kLineBytes) std::array<float, kBlock> changes;
  const float* logits = state.logits.data();
  for (size_t r = 0; r < rows.size(); ++r) {
    const size_t unit = rows[r].row;
    const float* values = fresh.data() + r * kBlock;
    if (is_output) {
      sums[r] += OutputLayer::LossesAfterOutput(samples, logits, unit, values);
    } else if (is_middle) {
      RectifiedChange(values, state.middle.data() + unit * kBlock, changes.data());
      sums[r] += output_.LossesAfterUnit(samples, logits, unit, changes.data());
    } else {
      RectifiedChange(values, state.hidden.data() + unit * kBlock, changes.data());
      sums[r] += AfterHidden(block, unit, changes.data());
    }
  }
}

}  // namespace polystep::nets
