// Plans of Search: which segments a step has, and which of their points are known already.
#include <algorithm>

#include "core/random/random_stream.h"
#include "core/search/search_state.h"

namespace polystep {
namespace {

constexpr uint32_t kAutomaticScoreEvery = 5;
// NOISY: a score is the mean of one evaluation for so many of the step, and where the budget allows
// it of two, whose difference says how certain it is.
constexpr uint32_t kSearchPerScore = 10;
constexpr uint32_t kFullScore = 2;

// Noise-free studies have one seed. Scores have one for each repeat, the same in every step.
uint64_t EvaluationSeed(const SearchSpec& spec, Purpose purpose, int64_t step, uint32_t repeat) {
  uint64_t when = 0;
  uint32_t which = 0;
  if (purpose == Purpose::kScore) {
    which = 1 + repeat;
  } else if (spec.noise != Noise::kNone) {
    when = static_cast<uint64_t>(step) + 1;
    which = repeat;
  }
  return RandomStream(spec.seed, when, which, Draw::kEvaluationSeed).NextU64();
}

}  // namespace

uint32_t Search::State::score_every() const {
  if (spec.noise == Noise::kNone) return 0;
  return spec.score_every > 0 ? spec.score_every : kAutomaticScoreEvery;
}

uint32_t Search::State::ScoreRows(const StepShape& shape) const {
  if (spec.noise != Noise::kNoisy) return 1;  // SEEDED: equal under the one score seed
  return std::max(1u, shape.count() / kSearchPerScore);
}

uint32_t Search::State::FullScoreRows(const StepShape& shape) const {
  const uint32_t rows = ScoreRows(shape);
  const bool sees_noise = spec.noise != Noise::kNoisy || spec.repeats >= kFullScore;
  return sees_noise ? rows : std::max(kFullScore, rows);
}

uint32_t Search::State::score_count() const {
  uint32_t count = 0;
  for (const Segment& segment : plan.segments) {
    if (segment.purpose == Purpose::kScore) count += segment.count();
  }
  return count;
}

uint32_t Search::State::search_count() const { return (plan.count - score_count()) / spec.repeats; }

void Search::State::AddSegment(Segment segment) {
  segment.first_index = plan.count;
  plan.count += segment.count();
  plan.segments.push_back(segment);
}

// The single points of a repeat are a segment before its rows, under the same seed.
void Search::State::AddSegments(Purpose purpose, uint32_t rows, const StepShape& shape) {
  for (uint32_t repeat = 0; repeat < spec.repeats; ++repeat) {
    Segment segment;
    segment.purpose = purpose;
    segment.evaluation_seed = EvaluationSeed(spec, purpose, step, repeat);
    segment.rows = shape.points;
    if (shape.points > 0) AddSegment(segment);
    segment.rows = rows;
    segment.vertices = shape.vertices;
    segment.probes = shape.probes;
    AddSegment(segment);
  }
}

// Walks the rows in order, noting known points, until the new ones no longer fit the budget.
uint32_t Search::State::RowsWithin(const StepShape& shape, int64_t budget) {
  if (!reuses) {
    const int64_t cost = static_cast<int64_t>(shape.row_size()) * spec.repeats;
    const int64_t left = budget - static_cast<int64_t>(shape.points) * spec.repeats;
    return static_cast<uint32_t>(std::min<int64_t>(shape.rows, std::max<int64_t>(0, left) / cost));
  }
  // Candidates are made some at a time: those of a row share work.
  constexpr uint32_t kTogether = 64;
  std::vector<double> candidates(std::min(kTogether, shape.count()) * center_size());
  absl::flat_hash_map<PointKey, uint32_t> first_index;
  int64_t fresh = 0;
  for (uint32_t row = 0; row < shape.rows; ++row) {
    const size_t reused_before = plan.reused.size();
    const size_t keys_before = keys.size();
    // The single points come with the first row.
    const uint32_t end = shape.points + (row + 1) * shape.row_size();
    for (uint32_t index = static_cast<uint32_t>(keys_before); index < end; ++index) {
      const uint32_t place = (index - static_cast<uint32_t>(keys_before)) % kTogether;
      if (place == 0) {
        const uint32_t count = std::min(kTogether, end - index);
        Candidates(index, count, absl::MakeSpan(candidates).subspan(0, count * center_size()));
      }
      const PointKey key = KeyOf(space->DecodedKey(
          absl::MakeConstSpan(candidates).subspan(place * center_size(), center_size())));
      keys.push_back(key);
      if (const AnsweredPoints::Answer* known = answered.Find(key)) {
        plan.reused.push_back({index, std::nullopt, known->loss, known->outcome, known->violation});
      } else if (auto [place, added] = first_index.emplace(key, index); !added) {
        plan.reused.push_back({index, place->second, 0.0, Outcome::kMissing, 0.0});
      } else {
        ++fresh;
      }
    }
    if (fresh > budget) {
      plan.reused.resize(reused_before);
      keys.resize(keys_before);
      return row;
    }
  }
  return shape.rows;
}

void Search::State::MakePlan(int64_t budget) {
  plan = StepPlan();
  plan.step = step;
  keys.clear();
  StepShape shape =
      opens_with_points() ? StepShape{static_cast<uint32_t>(points.size())} : rule->Shape();
  const uint32_t every = score_every();
  const bool scores =
      every > 0 && !opens_with_points() && (last_score_step < 0 || step - last_score_step >= every);
  uint32_t score_rows = FullScoreRows(shape);
  int64_t score_cost = scores ? int64_t{spec.repeats} * score_rows : 0;
  uint32_t rows = RowsWithin(shape, budget - score_cost);
  if (rows < shape.rows && score_rows > ScoreRows(shape)) {
    score_rows = ScoreRows(shape);
    score_cost = scores ? int64_t{spec.repeats} * score_rows : 0;
    rows = RowsWithin(shape, budget - score_cost);
  }
  if (rows > 0) {
    if (scores) AddSegments(Purpose::kScore, score_rows, StepShape{1});
    AddSegments(Purpose::kSearch, rows, shape);
    return;
  }
  // What is left of the budget of a noisy study still buys a score of its last center.
  if (every > 0 && !center_scored && budget >= spec.repeats) {
    const int64_t fit = budget / spec.repeats;
    AddSegments(Purpose::kScore, static_cast<uint32_t>(std::min<int64_t>(fit, score_rows)),
                StepShape{1});
  }
}

void Search::State::Candidates(uint32_t first, uint32_t count, absl::Span<double> out) const {
  if (!opens_with_points()) {
    rule->Candidates(step, first, count, out);
    return;
  }
  for (uint32_t n = 0; n < count; ++n) {
    std::copy(points[first + n].begin(), points[first + n].end(), out.begin() + n * center_size());
  }
}

const Segment& Search::State::SegmentOf(uint32_t index) const {
  size_t n = 0;
  while (index >= plan.segments[n].first_index + plan.segments[n].count()) ++n;
  return plan.segments[n];
}

uint32_t Search::State::IndexOf(const Segment& segment, uint32_t local) const {
  return (segment.first_index - score_count()) % search_count() + local;
}

void Search::State::SegmentCandidates(const Segment& segment, uint32_t first, uint32_t count,
                                      absl::Span<double> out) const {
  if (segment.purpose == Purpose::kScore) {
    for (uint32_t n = 0; n < count; ++n) {
      std::copy(rule->center().begin(), rule->center().end(), out.begin() + n * center_size());
    }
    return;
  }
  Candidates(IndexOf(segment, first), count, out);
}

}  // namespace polystep
