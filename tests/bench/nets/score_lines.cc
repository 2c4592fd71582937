#include "tests/bench/nets/score_lines.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace polystep::bench {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

ScoreLines::ScoreLines(const nets::Evaluator& evaluator)
    : evaluator_(evaluator), started_(Seconds()) {}

void ScoreLines::Print(absl::Span<const float> weights, int64_t evaluations, bool last) {
  const auto score = evaluator_.ScoreOf(weights, nets::Split::kValidation);
  const bool less_loss = score.loss < best_loss_;
  const bool more_right = score.accuracy > best_accuracy_;
  const double looked = Seconds();
  if (less_loss || more_right) {
    const double test = evaluator_.ScoreOf(weights, nets::Split::kTest).accuracy;
    if (less_loss) test_by_loss_ = test;
    if (more_right) test_by_accuracy_ = test;
  }
  aside_ += Seconds() - looked;
  best_loss_ = std::min(best_loss_, score.loss);
  best_accuracy_ = std::max(best_accuracy_, score.accuracy);
  const std::string idle =
      last ? ", \"idle\": " + std::to_string(idle_.Percent() / 100.0) : std::string();
  std::printf(
      "{%s\"evaluations\": %lld, \"seconds\": %.2f, \"validation_loss\": %.6g, \"validation\": "
      "%.4f, \"test\": %.4f, \"test_by_accuracy\": %.4f%s}\n",
      last ? "\"done\": true, " : "", static_cast<long long>(evaluations),
      Seconds() - started_ - aside_, score.loss, score.accuracy, test_by_loss_, test_by_accuracy_,
      idle.c_str());
  std::fflush(stdout);
}

}  // namespace polystep::bench
