#include "client/examples/nets/mlp_pass.h"

#include <algorithm>
#include <utility>

#include "client/examples/nets/cross_entropy.h"
#include "client/examples/nets/dense.h"
#include "client/examples/nets/quantise.h"
#include "client/examples/nets/rectifier.h"
#include "client/examples/nets/rows.h"

namespace polystep::nets {
namespace {

constexpr size_t kColumns = kHidden + 1;  // of all layers but the first
constexpr size_t kHiddenValues = kHidden * kBlock;
constexpr size_t kLogits = kClasses * kBlock;

}  // namespace

MlpPass::MlpPass(Task task, absl::Span<const float> values, std::shared_ptr<const Batch> batch)
    : Pass(std::move(batch)),
      has_middle_(task == Task::kInt8),
      inputs_(this->batch()->blocks.front().inputs.size() / kBlock) {
  const float* next = values.data() + kHidden * (inputs_ + 1);
  if (has_middle_) {
    middle_.assign(next, next + kHidden * kColumns);
    next += middle_.size();
    for (float& weight : middle_) weight = Quantised(weight);
    middle_of_hidden_ = Transposed(middle_.data(), kHidden, kColumns, kHidden);
  }
  output_.assign(next, next + kClasses * kColumns);
  output_of_last_ = Transposed(output_.data(), kClasses, kColumns, kHidden);
  for (size_t b = 0; b < this->batch()->blocks.size(); ++b) {
    const Block& block = this->batch()->blocks[b];
    states_.push_back(Forward(block, values));
    const float* logits = states_.back().logits.data();
    Count(LossesOf(b, logits), RightAnswers(logits, block.labels.data(), block.samples));
  }
}

MlpPass::State MlpPass::Forward(const Block& block, absl::Span<const float> values) const {
  State state;
  state.hidden.resize(kHiddenValues);
  Dense(RowsOf(values.data(), kHidden, inputs_ + 1), inputs_, block.inputs.data(),
        state.hidden.data());
  Rectify(state.hidden.data(), kHiddenValues, state.hidden.data());
  if (has_middle_) {
    state.middle_sums.resize(kHiddenValues);
    state.middle.resize(kHiddenValues);
    Dense(RowsOf(middle_.data(), kHidden, kColumns), kHidden, state.hidden.data(),
          state.middle_sums.data());
    Rectify(state.middle_sums.data(), kHiddenValues, state.middle.data());
  }
  state.logits.resize(kLogits);
  Dense(RowsOf(output_.data(), kClasses, kColumns), kHidden,
        has_middle_ ? state.middle.data() : state.hidden.data(), state.logits.data());
  return state;
}

double MlpPass::LossesOf(size_t block, const float* logits) const {
  const Block& samples = batch()->blocks[block];
  std::array<float, kBlock> losses{};
  CrossEntropy(logits, samples.labels.data(), losses.data());
  return SumOfLosses(losses.data(), samples.samples);
}

double MlpPass::AfterHidden(size_t block, size_t unit, const float* changes) const {
  if (!has_middle_) return AfterLast(block, unit, changes);
  alignas(kLineBytes) std::array<float, kHiddenValues> middle;
  alignas(kLineBytes) std::array<float, kLogits> logits;
  ShiftAndRectify(states_[block].middle_sums.data(), middle_of_hidden_.data() + unit * kHidden,
                  changes, kHidden, middle.data());
  std::array<const float*, kClasses> rows{};
  for (size_t o = 0; o < kClasses; ++o) rows[o] = output_.data() + o * kColumns;
  Dense(rows, kHidden, middle.data(), logits.data());
  return LossesOf(block, logits.data());
}

double MlpPass::AfterLast(size_t block, size_t unit, const float* changes) const {
  alignas(kLineBytes) std::array<float, kLogits> logits;
  Shift(states_[block].logits.data(), output_of_last_.data() + unit * kClasses, changes, kClasses,
        logits.data());
  return LossesOf(block, logits.data());
}

double MlpPass::AfterOutput(size_t block, size_t output, const float* fresh) const {
  alignas(kLineBytes) std::array<float, kLogits> logits;
  std::copy_n(states_[block].logits.begin(), kLogits, logits.begin());
  std::copy_n(fresh, kBlock, logits.begin() + output * kBlock);
  return LossesOf(block, logits.data());
}

void MlpPass::AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                           absl::Span<double> sums) const {
  const State& state = states_[block];
  const size_t output = has_middle_ ? 2 : 1;
  const bool is_middle = has_middle_ && tensor == 1;
  std::vector<const float*> weights = RowsOf(rows);
  Aligned<float> quantised;
  if (is_middle) {
    quantised.resize(rows.size() * kColumns);
    for (size_t n = 0; n < quantised.size(); ++n) {
      quantised[n] = Quantised(weights[n / kColumns][n % kColumns]);
    }
    weights = RowsOf(quantised.data(), rows.size(), kColumns);
  }
  Aligned<float> fresh(rows.size() * kBlock);
  if (tensor == 0) {
    Dense(weights, inputs_, batch()->blocks[block].inputs.data(), fresh.data());
  } else {
    Dense(weights, kHidden, tensor == 2 ? state.middle.data() : state.hidden.data(), fresh.data());
  }
  alignas(kLineBytes) std::array<float, kBlock> changes{};
  for (size_t r = 0; r < rows.size(); ++r) {
    const size_t unit = rows[r].row;
    const float* values = fresh.data() + r * kBlock;
    if (tensor == output) {
      sums[r] += AfterOutput(block, unit, values);
    } else if (is_middle) {
      RectifiedChange(values, state.middle.data() + unit * kBlock, changes.data());
      sums[r] += AfterLast(block, unit, changes.data());
    } else {
      RectifiedChange(values, state.hidden.data() + unit * kBlock, changes.data());
      sums[r] += AfterHidden(block, unit, changes.data());
    }
  }
}

}  // namespace polystep::nets
