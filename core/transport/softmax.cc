#include "core/transport/softmax.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/random/portable_inline.h"

namespace polystep {
namespace {

constexpr double kSmallestDivisor = 1e-10;
constexpr double kSmallestPenalty = 1e6;

double MeanMagnitude(absl::Span<const double> losses) {
  const double count = static_cast<double>(losses.size());
  double sum = 0.0;
  for (const double loss : losses) sum += std::fabs(loss);
  if (std::isfinite(sum)) return losses.empty() ? 0.0 : sum / count;
  double mean = 0.0;  // the sum of huge losses overflows, their mean does not
  for (const double loss : losses) mean += std::fabs(loss) / count;
  return mean;
}

double MaxMagnitude(absl::Span<const double> losses) {
  double largest = 0.0;
  for (const double loss : losses) largest = std::max(largest, std::fabs(loss));
  return largest;
}

}  // namespace

void SanitizeLosses(absl::Span<double> losses) {
  double largest = 0.0;
  bool any_bad = false;
  for (const double loss : losses) {
    if (std::isfinite(loss)) {
      largest = std::max(largest, std::fabs(loss));
    } else {
      any_bad = true;
    }
  }
  if (!any_bad) return;
  const double penalty = std::max(2.0 * largest + 1.0, kSmallestPenalty);
  for (double& loss : losses) {
    if (!std::isfinite(loss)) loss = penalty;
  }
}

double MatrixDivisor(LossScale scale, double constant, absl::Span<const double> losses) {
  switch (scale) {
    case LossScale::kMean:
      return std::max(MeanMagnitude(losses), kSmallestDivisor);
    case LossScale::kMax:
      return std::max(MaxMagnitude(losses), kSmallestDivisor);
    case LossScale::kConstant:
      return constant;
    case LossScale::kNone:
    case LossScale::kRowDeviation:
    case LossScale::kRowRank:
      return 1.0;
  }
  return 1.0;
}

double SoftmaxFactor(double epsilon) { return -portable::kLog2E / epsilon; }

void RowSoftmax(absl::Span<const double> scaled, double epsilon, absl::Span<double> weights) {
  if (scaled.empty()) return;
  double least = scaled[0];
  for (const double value : scaled) least = std::min(least, value);
  const double factor = SoftmaxFactor(epsilon);
  double sum = 0.0;
  for (size_t v = 0; v < scaled.size(); ++v) {
    // Not subtracted where equal: infinity - infinity is NaN.
    const double power = scaled[v] > least ? (scaled[v] - least) * factor : 0.0;
    weights[v] = power < kLeastPower ? 0.0 : portable::PowerOfTwoTo(power);
    sum += weights[v];
  }
  const double share = 1.0 / sum;
  for (double& weight : weights) weight *= share;
}

}  // namespace polystep
