#include "client/examples/nets/evaluator.h"

#include <utility>

namespace polystep::nets {

Evaluator::Evaluator(Task task, Dataset dataset, BatchPlan batch, int threads)
    : task_(task),
      dataset_(std::move(dataset)),
      tensors_(TensorsOf(task, dataset_.pixels())),
      batch_(batch),
      threads_(threads),
      validation_(std::make_shared<const Batch>(dataset_.All(Split::kValidation, threads))) {}

std::shared_ptr<const Batch> Evaluator::BatchOf(uint64_t evaluation_seed, int64_t step) const {
  return std::make_shared<const Batch>(dataset_.Draw(evaluation_seed, batch_.At(step), threads_));
}

std::shared_ptr<const Pass> Evaluator::Forward(absl::Span<const float> values,
                                               std::shared_ptr<const Batch> batch) const {
  return MakePass(task_, values, std::move(batch), threads_);
}

std::optional<RowPlace> Evaluator::RowOf(uint64_t coordinate) const {
  uint64_t begin = 0;
  for (size_t t = 0; t < tensors_.size(); ++t) {
    if (coordinate < begin + tensors_[t].size()) {
      const uint64_t row = (coordinate - begin) / tensors_[t].columns;
      return RowPlace{t, row, begin + row * tensors_[t].columns, tensors_[t].columns};
    }
    begin += tensors_[t].size();
  }
  return std::nullopt;
}

void Evaluator::Losses(const Pass& pass, absl::Span<const RowChange> changes,
                       absl::Span<double> losses) const {
  std::vector<RowWeights> rows;
  std::vector<size_t> members;
  std::vector<double> of_members;
  for (size_t t = 0; t < tensors_.size(); ++t) {
    rows.clear();
    members.clear();
    for (size_t n = 0; n < changes.size(); ++n) {
      const std::optional<RowPlace> place = RowOf(changes[n].start);
      if (!place || place->tensor != t) continue;
      rows.push_back({place->row, changes[n].values.data()});
      members.push_back(n);
    }
    if (rows.empty()) continue;
    of_members.resize(rows.size());
    pass.RowLosses(t, rows, absl::MakeSpan(of_members));
    for (size_t k = 0; k < members.size(); ++k) losses[members[k]] = of_members[k];
  }
}

Evaluator::Score Evaluator::ScoreOf(absl::Span<const float> values, Split split) const {
  const std::shared_ptr<const Batch> batch =
      split == Split::kValidation ? validation_
                                  : std::make_shared<const Batch>(dataset_.All(split, threads_));
  const std::unique_ptr<Pass> pass = MakePass(task_, values, batch, threads_);
  return {pass->loss(), pass->accuracy()};
}

}  // namespace polystep::nets
