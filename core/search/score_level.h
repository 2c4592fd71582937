// What the scores of a noisy study's incumbent say, so that it does not stick to a lucky one.
//
// Of many scores with noise the lowest is mostly the luckiest. So a score replaces the incumbent
// unless it is worse with certainty, by kCertain standard errors of the difference, and the scores
// since the last one that was better with certainty are one level: their mean, which forgets what
// is older than kKept scores. The standard errors come from the evaluations of the scores. Without
// any noise to be seen, lower is better. A value type.
#ifndef POLYSTEP_CORE_SEARCH_SCORE_LEVEL_H_
#define POLYSTEP_CORE_SEARCH_SCORE_LEVEL_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "core/base/bytes.h"

namespace polystep {

class ScoreLevel {
 public:
  enum class Verdict : uint8_t { kWorse, kAlike, kBetter };

  // The losses of one score, at least one, at `step`. The first one of all is better.
  Verdict Take(int64_t step, absl::Span<const double> losses);

  // Nothing is known of the incumbent's level any more.
  void Clear() { mean_.reset(); }

  double mean() const { return *mean_; }
  // When the level last was better with certainty than at that time before.
  int64_t improved_step() const { return improved_step_; }

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  // The variance of one evaluation, as it is now.
  void TakeVariance(absl::Span<const double> losses, double mean);
  void NoteImprovement(int64_t step);

  std::optional<double> mean_;  // of the level
  double evaluations_ = 0.0;    // that it is the mean of
  std::optional<double> variance_;
  int64_t improved_step_ = -1;
  double improved_mean_ = 0.0;  // the level's then, and its variance
  double improved_variance_ = 0.0;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_SCORE_LEVEL_H_
