// What becomes of a step's search evaluations, and the points that are kept.
#include <utility>
#include <vector>

#include "core/search/search_state.h"
#include "core/space/bit_coordinates.h"

namespace polystep {

KeptPoint Search::State::Keep(std::vector<double> coordinates) const {
  if (kept_form() == KeptPoint::Form::kBits) return KeptPoint(BitsOf(coordinates));
  return KeptPoint(std::move(coordinates));
}

KeptPoint Search::State::KeepCenter() const {
  if (const Bits* bits = rule->center_bits()) return KeptPoint(*bits);
  return KeptPoint({rule->center().begin(), rule->center().end()});
}

// In almost every step of some methods, of millions of coordinates.
KeptPoint Search::State::KeepCandidate(uint32_t index, KeptPoint old) const {
  const Bits* center = rule->center_bits();
  if (center == nullptr || opens_with_points()) {
    std::vector<double> coordinates = old.TakeCoordinates();
    coordinates.resize(center_size());
    Candidates(index, 1, absl::MakeSpan(coordinates));
    return Keep(std::move(coordinates));
  }
  Bits bits = old.TakeBits();
  bits = *center;
  SearchSpace::Range range;
  std::vector<double> values(rule->ChangeWidth());
  rule->Changes(step, index, absl::MakeSpan(&range, 1), absl::MakeSpan(values));
  for (int64_t k = 0; k < range.size; ++k) {
    const auto place = static_cast<size_t>(range.first + k);
    if (BitOf(values[static_cast<size_t>(k)]) != bits[place]) bits.Flip(place);
  }
  return KeptPoint(std::move(bits));
}

std::optional<uint32_t> Search::State::TakeLowest(const StepAnswers& answers) {
  std::optional<uint32_t> lowest;
  for (uint32_t i = 0; i < answers.losses.size(); ++i) {
    if (!IsAnswer(answers.outcomes[i])) continue;
    const Merit merit = answers.merit(i);
    if (i < keys.size()) {
      const bool violated = answers.outcomes[i] == Outcome::kViolation;
      answered.Insert(
          {keys[i], answers.losses[i], answers.outcomes[i], violated ? merit.violation : 0.0});
    }
    if (!IsRanked(answers.outcomes[i])) continue;
    if (!lowest || merit < answers.merit(*lowest)) lowest = i;
  }
  return lowest;
}

void Search::State::TakeSearch(const StepAnswers& answers, std::optional<uint32_t> lowest,
                               StepSummary& summary) {
  const bool noise_free = spec.noise == Noise::kNone;
  if (noise_free && lowest && (!best || answers.merit(*lowest) < best->merit())) {
    summary.improved = true;
    KeptPoint old = best ? std::move(best->point) : KeptPoint();
    best = Incumbent{answers.losses[*lowest], step, *lowest, KeepCandidate(*lowest, std::move(old)),
                     answers.merit(*lowest).violation};
  }
  if (opens_with_points()) {
    if (lowest && (!given_best || answers.merit(*lowest) < given_best->merit())) {
      rule->StartAt(points[*lowest]);
    }
    return;
  }
  StepAnswers rows = answers;
  const StepShape shape = rule->Shape();
  rows.rows = (static_cast<uint32_t>(answers.losses.size()) - shape.points) / shape.row_size();
  const StepLengths lengths = rule->Update(rows);
  summary.step_radius = lengths.step_radius;
  summary.probe_distance = lengths.probe_distance;
  summary.linear_rate = lengths.linear_rate;
  center_scored = false;
}

}  // namespace polystep
