#include "core/method/metric_frame.h"

#include <cmath>

#include "core/frames/rotation.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

// The sum of eight random bytes, less its mean and divided by its deviation: in many dimensions as
// good as normal, without a logarithm a coordinate.
double NearlyNormal(uint64_t bits) {
  constexpr uint64_t kEvenBytes = 0x00ff00ff00ff00ffULL;
  const uint64_t pairs = (bits & kEvenBytes) + ((bits >> 8) & kEvenBytes);
  const uint64_t sum = (pairs * 0x0001000100010001ULL) >> 48;
  constexpr double kMean = 8.0 * 127.5;
  constexpr double kDeviation = 209.02153;  // sqrt(8 (256^2 - 1) / 12)
  return (static_cast<double>(sum) - kMean) / kDeviation;
}

}  // namespace

absl::Span<const double> MetricFrame::Direction(const MetricModel& model, int64_t step,
                                                uint32_t row, uint32_t direction) {
  const size_t n = model.dimension();
  const bool whole = model.full();
  if (step_ != step || row_ != row || (!whole && first_ != direction)) {
    step_ = step;
    row_ = row;
    first_ = whole ? 0 : direction;
    whole ? DrawAll(model) : DrawOne(model);
  }
  return absl::MakeConstSpan(directions_).subspan((direction - first_) * n, n);
}

void MetricFrame::DrawAll(const MetricModel& model) {
  const size_t n = model.dimension();
  std::vector<double> z(size_ * n);
  RandomStream directions(seed_, static_cast<uint64_t>(step_), row_, Draw::kFrame);
  OrthonormalFrame(static_cast<int>(n), static_cast<int>(size_), directions, absl::MakeSpan(z));
  RandomStream lengths(seed_, static_cast<uint64_t>(step_), row_, Draw::kLength);
  directions_.resize(size_ * n);
  for (uint32_t j = 0; j < size_; ++j) {
    double square = 0.0;
    for (size_t i = 0; i < n; ++i) {
      const double normal = lengths.Normal();
      square += normal * normal;
    }
    const double length = std::sqrt(square);
    for (size_t i = 0; i < n; ++i) z[j * n + i] *= length;
    model.Shape(absl::MakeConstSpan(z).subspan(j * n, n),
                absl::MakeSpan(directions_).subspan(j * n, n));
  }
}

void MetricFrame::DrawOne(const MetricModel& model) {
  RandomStream stream(seed_, static_cast<uint64_t>(step_), row_ * size_ + first_, Draw::kFrame);
  std::vector<double> z(model.dimension());
  for (double& value : z) value = NearlyNormal(stream.NextU64());
  directions_.resize(model.dimension());
  model.Shape(z, absl::MakeSpan(directions_));
}

}  // namespace polystep
