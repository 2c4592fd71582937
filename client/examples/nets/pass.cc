#include "client/examples/nets/pass.h"

#include <algorithm>

#include "client/examples/nets/attention_pass.h"
#include "client/examples/nets/lif_pass.h"
#include "client/examples/nets/mlp_pass.h"
#include "client/examples/nets/staircase_pass.h"

namespace polystep::nets {

void Pass::Count(double losses, size_t right) {
  const auto samples = static_cast<double>(batch_->samples);
  loss_ += losses / samples;
  accuracy_ += static_cast<double>(right) / samples;
}

void Pass::RowLosses(size_t tensor, absl::Span<const RowWeights> rows,
                     absl::Span<double> losses) const {
  std::fill(losses.begin(), losses.end(), 0.0);
  for (size_t b = 0; b < batch_->blocks.size(); ++b) AddRowLosses(b, tensor, rows, losses);
  for (double& loss : losses) loss /= static_cast<double>(batch_->samples);
}

double SumOfLosses(const float* losses, size_t samples) {
  double sum = 0.0;
  for (size_t s = 0; s < samples; ++s) sum += static_cast<double>(losses[s]);
  return sum;
}

std::unique_ptr<Pass> MakePass(Task task, absl::Span<const float> values,
                               std::shared_ptr<const Batch> batch, int threads) {
  switch (task) {
    case Task::kLif:
      return std::make_unique<LifPass>(values, std::move(batch), threads);
    case Task::kArgmax:
      return std::make_unique<AttentionPass>(values, std::move(batch), threads);
    case Task::kStaircase:
      return std::make_unique<StaircasePass>(values, std::move(batch), threads);
    case Task::kInt8:
    case Task::kMnist:
      break;
  }
  return std::make_unique<MlpPass>(task, values, std::move(batch), threads);
}

}  // namespace polystep::nets
