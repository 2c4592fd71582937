// What a Search holds. Shared by its files: search.cc (life of a step), step_plan.cc (plans),
// take_search.cc, take_score.cc (what becomes of answers, incumbents).
#ifndef POLYSTEP_CORE_SEARCH_SEARCH_STATE_H_
#define POLYSTEP_CORE_SEARCH_SEARCH_STATE_H_

#include <memory>
#include <optional>
#include <vector>

#include "core/method/step_rule.h"
#include "core/search/answer_scan.h"
#include "core/search/answered_points.h"
#include "core/search/repeat_mean.h"
#include "core/search/score_level.h"
#include "core/search/search.h"

namespace polystep {

inline bool IsAnswer(Outcome outcome) { return outcome != Outcome::kMissing; }

// It can be the best.
inline bool IsRanked(Outcome outcome) {
  return outcome == Outcome::kLoss || outcome == Outcome::kViolation;
}

struct Search::State {
  // Fixed at creation.
  SearchSpec spec;
  std::shared_ptr<const SearchSpace> space;
  std::vector<std::vector<double>> points;  // initial points to evaluate in step 0
  std::optional<Incumbent> given_best;      // of the initial points with a loss
  bool reuses = false;                      // answered points are kept

  // Between steps.
  int64_t step = 0;
  int64_t idle_steps = 0;
  int64_t last_score_step = -1;
  bool center_scored = false;  // since it last moved
  std::optional<Incumbent> best;
  ScoreLevel level;  // of the incumbent; NOISY only
  AnsweredPoints answered;
  std::unique_ptr<StepRule> rule;

  // The open step.
  bool open = false;
  StepPlan plan;
  std::vector<PointKey> keys;  // of the plan's indices, where points are reused

  uint32_t score_every() const;
  // Evaluations of one score, repeats apart: as many as a step needs, and those that the noise is
  // seen by.
  uint32_t ScoreRows(const StepShape& shape) const;
  uint32_t FullScoreRows(const StepShape& shape) const;
  bool opens_with_points() const { return step == 0 && !points.empty(); }
  uint32_t score_count() const;   // indices of the score segments, which are first
  uint32_t search_count() const;  // indices of one repeat of the search segments

  size_t center_size() const { return static_cast<size_t>(space->dimension()); }

  absl::Status TakeInitialPoints();

  KeptPoint::Form kept_form() const {
    return rule->center_bits() != nullptr ? KeptPoint::Form::kBits : KeptPoint::Form::kCoordinates;
  }
  KeptPoint Keep(std::vector<double> coordinates) const;
  KeptPoint KeepCenter() const;
  // The candidate of a search index, in the memory of `old`.
  KeptPoint KeepCandidate(uint32_t index, KeptPoint old) const;

  // The candidates of search indices (of one repeat), and those of a run of a segment.
  void Candidates(uint32_t first, uint32_t count, absl::Span<double> out) const;
  const Segment& SegmentOf(uint32_t index) const;
  // The rule's index of the `local`-th candidate of a search segment: repeats are copies.
  uint32_t IndexOf(const Segment& segment, uint32_t local) const;
  void SegmentCandidates(const Segment& segment, uint32_t first, uint32_t count,
                         absl::Span<double> out) const;

  void MakePlan(int64_t budget);
  void AddSegment(Segment segment);
  void AddSegments(Purpose purpose, uint32_t rows, const StepShape& shape);
  uint32_t RowsWithin(const StepShape& shape, int64_t budget);

  void CheckAnswers(absl::Span<const double> losses, absl::Span<Outcome> outcomes,
                    absl::Span<const double> violations) const;
  void FillReused(absl::Span<double> losses, absl::Span<Outcome> outcomes,
                  std::vector<double>& violations) const;
  // Nothing of the plan is reused, repeated or a score: answers may be taken by ScanPlain.
  bool AskedPlainly() const;
  StepSummary Summarize(const PlainAnswers& plain, absl::Span<const double> losses) const;
  StepSummary Summarize(absl::Span<const double> losses, absl::Span<const Outcome> outcomes) const;
  void TakeScore(const RepeatedAnswers& scores, StepSummary& summary);
  // Whether a score of the center with this merit makes it the incumbent.
  bool IsPreferred(const Merit& merit, const RepeatedAnswers& scores);
  // Keeps the answers where points are reused, and finds the first of the best that can be one.
  std::optional<uint32_t> TakeLowest(const StepAnswers& answers);
  void TakeSearch(const StepAnswers& answers, std::optional<uint32_t> lowest, StepSummary& summary);
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_SEARCH_STATE_H_
