#include "core/method/noise_rows.h"

#include <algorithm>
#include <cmath>

namespace polystep {
namespace {

// A window has at least so many steps, and so many evaluations a coordinate.
constexpr double kWindowSteps = 5.0;
constexpr double kWindowEvaluations = 10.0;

// Progress in standard errors: less is noise, more is clear.
constexpr double kNoise = 1.0;
constexpr double kClear = 3.0;

constexpr double kGrowth = 1.25;
constexpr double kReturn = 0.8;

}  // namespace

void NoiseRows::Window::Add(double loss, double count) {
  if (steps == 0.0) origin = loss;
  sum += loss - origin;
  squares += (loss - origin) * (loss - origin);
  steps += 1.0;
  evaluations += count;
}

double NoiseRows::Window::variance_of_mean() const {
  const double mean = sum / steps;
  return std::max(0.0, squares / steps - mean * mean) / (steps - 1.0);
}

uint32_t NoiseRows::After(const StepAnswers& answers, uint32_t rows, size_t dimension,
                          const Limits& limits) {
  double sum = 0.0;
  double count = 0.0;
  for (size_t i = 0; i < answers.losses.size(); ++i) {
    if (answers.outcomes[i] != Outcome::kLoss) continue;
    sum += answers.losses[i];
    count += 1.0;
  }
  if (count == 0.0 || !std::isfinite(sum)) return rows;
  now_.Add(sum / count, count);
  if (now_.steps < kWindowSteps ||
      now_.evaluations < kWindowEvaluations * static_cast<double>(dimension)) {
    return rows;
  }
  double wanted = rows;
  if (before_.steps > 0.0) {
    const double progress = before_.mean() - now_.mean();
    const double error = std::sqrt(before_.variance_of_mean() + now_.variance_of_mean());
    if (!(progress > kNoise * error)) {
      wanted = std::ceil(kGrowth * rows);
    } else if (progress > kClear * error) {
      wanted = std::floor(kReturn * rows);
    }
  }
  before_ = now_;
  now_ = Window();
  return std::clamp(static_cast<uint32_t>(wanted), limits.least, limits.most);
}

void NoiseRows::Save(ByteWriter& writer) const {
  for (const Window* window : {&before_, &now_}) {
    for (double value :
         {window->origin, window->sum, window->squares, window->steps, window->evaluations}) {
      writer.F64(value);
    }
  }
}

bool NoiseRows::Restore(ByteReader& reader) {
  for (Window* window : {&before_, &now_}) {
    for (double* value :
         {&window->origin, &window->sum, &window->squares, &window->steps, &window->evaluations}) {
      *value = reader.F64();
    }
  }
  return reader.ok();
}

}  // namespace polystep
