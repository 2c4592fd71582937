#include "core/method/radius_control.h"

#include <algorithm>
#include <cmath>

namespace polystep {
namespace {

void WriteOptional(const std::optional<double>& value, ByteWriter& writer) {
  writer.Bool(value.has_value());
  writer.F64(value.value_or(0.0));
}

std::optional<double> ReadOptional(ByteReader& reader) {
  const bool known = reader.Bool();
  const double value = reader.F64();
  return known ? std::optional<double>(value) : std::nullopt;
}

}  // namespace

std::optional<double> MeanLoss(absl::Span<const double> losses,
                               absl::Span<const Outcome> outcomes) {
  double sum = 0.0;
  double count = 0.0;
  for (size_t n = 0; n < losses.size(); ++n) {
    if (outcomes[n] != Outcome::kLoss) continue;
    sum += losses[n];
    count += 1.0;
  }
  return count > 0.0 ? std::optional<double>(sum / count) : std::nullopt;
}

void AdaptiveRadius::Observe(double loss, int patience) {
  constexpr double kStagnant = 1e-4;
  if (previous_loss) {
    const double before = *previous_loss;
    const double change = std::fabs(loss - before) / (std::fabs(before) + 1e-10);
    stagnant_steps = change < kStagnant ? stagnant_steps + 1 : 0;
    if (stagnant_steps >= patience) {
      multiplier = std::min(1.5 * multiplier, 3.0);
      stagnant_steps = 0;
    } else if (loss < before) {
      multiplier = std::max(0.9 * multiplier, 0.5);
    }
  }
  previous_loss = loss;
}

double NextTrustRegion(double multiplier, double predicted, double actual) {
  if (predicted == 0.0) return multiplier;
  const double ratio = std::clamp(actual / predicted, -2.0, 5.0);
  double factor = 1.0;
  if (ratio < 0.0) {
    factor = 0.25;
  } else if (ratio > 0.75 && predicted < 0.0) {
    factor = 1.5;
  } else if (ratio < 0.25) {
    factor = 0.5;
  }
  return std::clamp(multiplier * factor, 0.1, 3.0);
}

void TrustRegion::Judge(std::optional<double> arrived_loss) {
  if (left_loss && arrived_loss) {
    multiplier = NextTrustRegion(multiplier, predicted, *arrived_loss - *left_loss);
  }
  left_loss.reset();
}

double RadiusMultiplier::OfSteps() const {
  if (control_ == RadiusControl::kTrustRegion) return trust_.multiplier;
  return OfProbes();
}

double RadiusMultiplier::OfProbes() const {
  return control_ == RadiusControl::kAdaptive ? adaptive_.multiplier : 1.0;
}

void RadiusMultiplier::Arrive(std::optional<double> center_loss) {
  if (control_ == RadiusControl::kTrustRegion) trust_.Judge(center_loss);
}

void RadiusMultiplier::Expect(double predicted, std::optional<double> center_loss) {
  trust_.predicted = predicted;
  trust_.left_loss = center_loss;
}

void RadiusMultiplier::EndStep(std::optional<double> mean_loss) {
  if (control_ == RadiusControl::kAdaptive && mean_loss) adaptive_.Observe(*mean_loss);
}

void RadiusMultiplier::Save(ByteWriter& writer) const {
  writer.F64(adaptive_.multiplier);
  writer.U32(static_cast<uint32_t>(adaptive_.stagnant_steps));
  WriteOptional(adaptive_.previous_loss, writer);
  writer.F64(trust_.multiplier);
  WriteOptional(trust_.left_loss, writer);
  writer.F64(trust_.predicted);
}

bool RadiusMultiplier::Restore(ByteReader& reader) {
  adaptive_.multiplier = reader.F64();
  const uint32_t stagnant = reader.U32();
  adaptive_.stagnant_steps = static_cast<int>(stagnant);
  adaptive_.previous_loss = ReadOptional(reader);
  trust_.multiplier = reader.F64();
  trust_.left_loss = ReadOptional(reader);
  trust_.predicted = reader.F64();
  const auto fits = [](double m) { return m >= 0.1 && m <= 3.0; };
  return reader.ok() && stagnant < 1'000 && fits(adaptive_.multiplier) && fits(trust_.multiplier);
}

}  // namespace polystep
