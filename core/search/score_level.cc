#include "core/search/score_level.h"

#include <algorithm>
#include <cmath>

namespace polystep {
namespace {

constexpr double kCertain = 2.0;  // standard errors
constexpr double kKept = 5.0;     // scores
constexpr double kNewVariance = 0.3;

}  // namespace

ScoreLevel::Verdict ScoreLevel::Take(int64_t step, absl::Span<const double> losses) {
  const auto count = static_cast<double>(losses.size());
  double score = 0.0;
  for (const double loss : losses) score += loss / count;
  TakeVariance(losses, score);
  Verdict verdict = Verdict::kBetter;
  if (mean_) {
    const double variance = variance_.value_or(0.0);
    const double apart = score - *mean_;
    const double margin = kCertain * std::sqrt(variance / count + variance / evaluations_);
    if (apart > margin || (margin == 0.0 && apart == 0.0)) return Verdict::kWorse;
    if (apart >= -margin) verdict = Verdict::kAlike;
  }
  if (verdict == Verdict::kBetter) {
    mean_ = score;
    evaluations_ = count;
  } else {
    evaluations_ = std::min(evaluations_, kKept * count);
    *mean_ += (score - *mean_) * (count / (evaluations_ + count));
    evaluations_ += count;
  }
  NoteImprovement(step);
  return verdict;
}

void ScoreLevel::TakeVariance(absl::Span<const double> losses, double mean) {
  if (losses.size() < 2) return;
  double squares = 0.0;
  for (const double loss : losses) squares += (loss - mean) * (loss - mean);
  const double variance = squares / static_cast<double>(losses.size() - 1);
  if (!std::isfinite(variance)) return;
  variance_ = variance_ ? *variance_ + kNewVariance * (variance - *variance_) : variance;
}

void ScoreLevel::NoteImprovement(int64_t step) {
  const double variance = variance_.value_or(0.0) / evaluations_;
  const double margin = kCertain * std::sqrt(variance + improved_variance_);
  if (improved_step_ >= 0 && !(*mean_ < improved_mean_ - margin)) return;
  improved_step_ = step;
  improved_mean_ = *mean_;
  improved_variance_ = variance;
}

void ScoreLevel::Save(ByteWriter& writer) const {
  writer.Bool(mean_.has_value());
  writer.F64(mean_.value_or(0.0));
  writer.F64(evaluations_);
  writer.Bool(variance_.has_value());
  writer.F64(variance_.value_or(0.0));
  writer.I64(improved_step_);
  writer.F64(improved_mean_);
  writer.F64(improved_variance_);
}

bool ScoreLevel::Restore(ByteReader& reader) {
  const bool known = reader.Bool();
  const double mean = reader.F64();
  mean_ = known ? std::optional<double>(mean) : std::nullopt;
  evaluations_ = reader.F64();
  const bool noise = reader.Bool();
  const double variance = reader.F64();
  variance_ = noise ? std::optional<double>(variance) : std::nullopt;
  improved_step_ = reader.I64();
  improved_mean_ = reader.F64();
  improved_variance_ = reader.F64();
  return reader.ok() && (!known || evaluations_ > 0.0);
}

}  // namespace polystep
