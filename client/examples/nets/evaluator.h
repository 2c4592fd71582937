// A network, its data and its losses: what a worker or a bench in one process evaluates with.
//
//   Evaluator evaluator(Task::kLif, dataset, {.first = 512});
//   std::shared_ptr<const Pass> pass = evaluator.Forward(center, seed);   // once a step
//   evaluator.Losses(*pass, changes, losses);                             // from any thread
//
// Const: thread-safe. The same numbers on every machine, in whatever portions they are asked for.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_EVALUATOR_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_EVALUATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "client/examples/nets/batch_plan.h"
#include "client/examples/nets/dataset.h"
#include "client/examples/nets/pass.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

// One whole row of one tensor, its bias included: the coordinate of its first weight, and its new
// weights.
struct RowChange {
  uint64_t start = 0;
  absl::Span<const float> values;
};

// Where a row is: which of the tensors, which of its rows, its first coordinate and its length.
struct RowPlace {
  size_t tensor = 0;
  size_t row = 0;
  uint64_t start = 0;
  size_t columns = 0;
};

class Evaluator {
 public:
  // Mini-batches have the samples of `batch`, or all there are. What is done once a step (BatchOf,
  // Forward, ScoreOf) uses `threads` threads.
  Evaluator(Task task, Dataset dataset, BatchPlan batch, int threads = 1);

  Task task() const { return task_; }
  const std::vector<TensorShape>& tensors() const { return tensors_; }
  size_t dimension() const { return DimensionOf(tensors_); }
  const Dataset& dataset() const { return dataset_; }
  const BatchPlan& batch() const { return batch_; }

  // The mini-batch of `evaluation_seed`, in a step of this number.
  std::shared_ptr<const Batch> BatchOf(uint64_t evaluation_seed, int64_t step = 0) const;
  // Of `values`: all tensors, dimension() of them.
  std::shared_ptr<const Pass> Forward(absl::Span<const float> values,
                                      std::shared_ptr<const Batch> batch) const;
  std::shared_ptr<const Pass> Forward(absl::Span<const float> values, uint64_t evaluation_seed,
                                      int64_t step = 0) const {
    return Forward(values, BatchOf(evaluation_seed, step));
  }

  // losses[n]: mean cross-entropy over the pass's batch of its values with changes[n] made.
  void Losses(const Pass& pass, absl::Span<const RowChange> changes,
              absl::Span<double> losses) const;
  // The row that has the coordinate; nothing if there is none.
  std::optional<RowPlace> RowOf(uint64_t coordinate) const;

  // On a whole part of the data.
  struct Score {
    double loss = 0.0;  // mean cross-entropy
    double accuracy = 0.0;
  };
  Score ScoreOf(absl::Span<const float> values, Split split) const;

 private:
  const Task task_;
  const Dataset dataset_;
  const std::vector<TensorShape> tensors_;
  const BatchPlan batch_;
  const int threads_;
  const std::shared_ptr<const Batch> validation_;
};

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_EVALUATOR_H_
