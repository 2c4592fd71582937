#include "core/method/accumulator.h"

#include <algorithm>
#include <utility>

namespace polystep {
namespace {

constexpr double kAverageKept = 0.7;

}  // namespace

std::optional<double> CoastDecay(uint32_t coast_steps, int64_t counter) {
  const int64_t phase = counter % coast_steps;
  if (phase == 0) return std::nullopt;
  return 1.0 - static_cast<double>(phase) / static_cast<double>(coast_steps);
}

Accumulator::Accumulator(AccumulatorOptions options, size_t size) : options_(options) {
  if (options_.momentum) velocity_.assign(size, 0.0);
  if (options_.coast_steps > 1) average_.assign(size, 0.0);
  for (uint32_t phase = 1; phase < options_.coast_steps; ++phase) {
    coast_ += *CoastDecay(options_.coast_steps, phase);
  }
}

void Accumulator::Take(int64_t t, size_t first, absl::Span<double> displacement) {
  const double beta = options_.momentum ? options_.momentum->At(t) : 0.0;
  for (size_t j = 0; j < displacement.size(); ++j) {
    const double raw = displacement[j];
    if (!velocity_.empty()) {
      velocity_[first + j] = beta * velocity_[first + j] + raw;
      displacement[j] = velocity_[first + j];
    }
    if (average_.empty()) continue;
    double& average = average_[first + j];
    average = started_ ? kAverageKept * average + (1.0 - kAverageKept) * raw : raw;
    displacement[j] += coast_ * average;
  }
}

void Accumulator::Clear() {
  started_ = false;
  std::fill(velocity_.begin(), velocity_.end(), 0.0);
  std::fill(average_.begin(), average_.end(), 0.0);
}

void Accumulator::Save(ByteWriter& writer) const {
  writer.Bool(started_);
  writer.Doubles(velocity_);
  writer.Doubles(average_);
}

bool Accumulator::Restore(ByteReader& reader) {
  started_ = reader.Bool();
  std::vector<double> velocity = reader.Doubles();
  std::vector<double> average = reader.Doubles();
  if (!reader.ok() || velocity.size() != velocity_.size() || average.size() != average_.size()) {
    return false;
  }
  velocity_ = std::move(velocity);
  average_ = std::move(average);
  return true;
}

}  // namespace polystep
