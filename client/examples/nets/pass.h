// What a network makes of a batch under one set of weights: the states of all its layers, from
// which the losses of weights that differ in one row follow without starting anew.
//
// Const after it was made: thread-safe. A loss depends on the pass and its own row only, not on the
// rows it is asked for with.
#ifndef POLYSTEP_CLIENT_EXAMPLES_NETS_PASS_H_
#define POLYSTEP_CLIENT_EXAMPLES_NETS_PASS_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/types/span.h"
#include "client/examples/nets/batch.h"
#include "client/examples/nets/task.h"

namespace polystep::nets {

// Row `row` of a tensor, replaced by as many weights as the tensor has columns.
struct RowWeights {
  size_t row = 0;
  const float* weights = nullptr;
};

class Pass {
 public:
  virtual ~Pass() = default;
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  const std::shared_ptr<const Batch>& batch() const { return batch_; }
  // Mean cross-entropy.
  double loss() const { return loss_; }
  // Share of the samples whose greatest output, the first if several are, is the label's.
  double accuracy() const { return accuracy_; }

  // losses[n]: mean cross-entropy with rows[n] in the place of that row of `tensor`.
  void RowLosses(size_t tensor, absl::Span<const RowWeights> rows, absl::Span<double> losses) const;

 protected:
  explicit Pass(std::shared_ptr<const Batch> batch) : batch_(std::move(batch)) {}

  // Adds to sums[n] the losses of a block's samples under rows[n].
  virtual void AddRowLosses(size_t block, size_t tensor, absl::Span<const RowWeights> rows,
                            absl::Span<double> sums) const = 0;

  // While it is made: a block's losses and right answers.
  void Count(double losses, size_t right);

 private:
  std::shared_ptr<const Batch> batch_;
  double loss_ = 0.0;
  double accuracy_ = 0.0;
};

// `values`: all tensors one after the other, DimensionOf(TensorsOf(task, pixels)) of them. Made in
// `threads` threads.
std::unique_ptr<Pass> MakePass(Task task, absl::Span<const float> values,
                               std::shared_ptr<const Batch> batch, int threads);

// The sum of a block's losses, in one fixed order.
double SumOfLosses(const float* losses, size_t samples);

}  // namespace polystep::nets

#endif  // POLYSTEP_CLIENT_EXAMPLES_NETS_PASS_H_
