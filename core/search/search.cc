#include "core/search/search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/field_error.h"
#include "core/search/answer_scan.h"
#include "core/search/resolve.h"
#include "core/search/search_state.h"

namespace polystep {
namespace {

// That of NOISY studies has the incumbent's level since 2, that of bits the incumbent's since 3.
uint32_t StateFormat(const SearchSpec& spec) {
  if (spec.optimizer.method == Method::kFlip) return 3;
  return spec.noise == Noise::kNoisy ? 2 : 1;
}
constexpr uint32_t kMaxRepeats = 1'000;
constexpr size_t kMaxInitialPoints = 1'000;

absl::Status ValidateEvaluation(const SearchSpec& spec) {
  if (spec.noise > Noise::kNoisy) return FieldError("evaluation.noise", "is unknown");
  if (spec.repeats < 1 || spec.repeats > kMaxRepeats) {
    return FieldError("evaluation.repeats",
                      absl::StrCat("must lie in [1, ", kMaxRepeats, "], is ", spec.repeats));
  }
  if (spec.repeats > 1 && spec.noise == Noise::kNone) {
    return FieldError("evaluation.repeats",
                      "more than 1 needs noise SEEDED or NOISY: repeats would all be equal");
  }
  if (spec.initial_points.size() > kMaxInitialPoints) {
    return FieldError("initial_points", absl::StrCat("has ", spec.initial_points.size(),
                                                     " entries, the limit is ", kMaxInitialPoints));
  }
  for (size_t i = 0; i < spec.initial_points.size(); ++i) {
    const std::optional<double>& loss = spec.initial_points[i].loss;
    if (loss && !std::isfinite(*loss)) {
      return FieldError(absl::StrCat("initial_points[", i, "].loss"), "must be finite");
    }
  }
  return absl::OkStatus();
}

}  // namespace

Search::Search(std::unique_ptr<State> state) : state_(std::move(state)) {}
Search::Search(Search&&) noexcept = default;
Search& Search::operator=(Search&&) noexcept = default;
Search::~Search() = default;

absl::StatusOr<Search> Search::Create(SearchSpec spec) {
  absl::StatusOr<SearchSpace> space = SearchSpace::Create(spec.parameters, spec.tensors);
  if (!space.ok()) return space.status();
  if (absl::Status s = space->CheckUploads(); !s.ok()) return s;
  if (absl::Status s = ValidateEvaluation(spec); !s.ok()) return s;
  absl::StatusOr<OptimizerSpec> optimizer =
      ResolveOptimizer({spec.optimizer, spec.repeats, spec.horizon_evaluations, spec.horizon_steps,
                        spec.noise != Noise::kNone},
                       *space);
  if (!optimizer.ok()) return optimizer.status();
  spec.optimizer = *std::move(optimizer);

  auto state = std::make_unique<State>();
  auto shared_space = std::make_shared<SearchSpace>(*std::move(space));
  state->space = shared_space;
  state->reuses = spec.noise == Noise::kNone && spec.tensors.empty();
  state->rule = MakeStepRule(spec.optimizer,
                             RuleContext{state->space, spec.seed, spec.noise != Noise::kNone});
  shared_space->DropUploads();  // the rule has its start
  for (TensorSpec& tensor : spec.tensors) tensor.initializer.values = nullptr;
  state->spec = std::move(spec);
  if (absl::Status s = state->TakeInitialPoints(); !s.ok()) return s;
  return Search(std::move(state));
}

// Points with a loss are known from the start, the others make up step 0.
absl::Status Search::State::TakeInitialPoints() {
  for (size_t i = 0; i < spec.initial_points.size(); ++i) {
    const InitialPoint& initial = spec.initial_points[i];
    absl::StatusOr<std::vector<double>> coordinates = space->Encode(initial.point);
    if (!coordinates.ok()) {
      return PrefixField(coordinates.status(), absl::StrCat("initial_points[", i, "]."));
    }
    if (!initial.loss) {
      points.push_back(*std::move(coordinates));
      continue;
    }
    if (reuses) {
      answered.Insert({KeyOf(space->DecodedKey(*coordinates)), *initial.loss, Outcome::kLoss});
    }
    if (!given_best || *initial.loss < given_best->loss) {
      given_best =
          Incumbent{*initial.loss, -1, static_cast<uint32_t>(i), Keep(*std::move(coordinates))};
    }
  }
  if (given_best) rule->StartAt(given_best->point.Coordinates());
  if (given_best && spec.noise == Noise::kNone) best = given_best;
  return absl::OkStatus();
}

const SearchSpec& Search::spec() const { return state_->spec; }
const OptimizerSpec& Search::effective_optimizer() const { return state_->spec.optimizer; }
std::shared_ptr<const SearchSpace> Search::space() const { return state_->space; }
int64_t Search::step() const { return state_->step; }
const std::optional<Incumbent>& Search::best() const { return state_->best; }
int64_t Search::improved_step() const {
  const State& s = *state_;
  if (!s.best) return -1;
  const bool levelled = s.spec.noise == Noise::kNoisy && s.best->merit().feasible();
  return levelled ? s.level.improved_step() : s.best->step;
}
absl::Span<const double> Search::center() const { return state_->rule->center(); }
const Bits* Search::center_bits() const { return state_->rule->center_bits(); }
int64_t Search::steps_without_evaluation() const { return state_->idle_steps; }
bool Search::is_open() const { return state_->open; }

const StepPlan& Search::Open(int64_t budget) {
  if (!state_->open) {
    state_->MakePlan(budget);
    state_->open = state_->plan.count > 0;
  }
  return state_->plan;
}

void Search::Candidates(uint32_t first, uint32_t count, absl::Span<double> out) const {
  const auto size = static_cast<size_t>(state_->space->dimension());
  while (count > 0) {
    const Segment& segment = state_->SegmentOf(first);
    const uint32_t local = first - segment.first_index;
    const uint32_t here = std::min(count, segment.count() - local);
    state_->SegmentCandidates(segment, local, here, out.subspan(0, here * size));
    out.remove_prefix(here * size);
    first += here;
    count -= here;
  }
}

uint32_t Search::ChangeWidth() const {
  return state_->opens_with_points() ? 0 : state_->rule->ChangeWidth();
}

void Search::Changes(uint32_t first, absl::Span<SearchSpace::Range> ranges,
                     absl::Span<double> values) const {
  const size_t width = ChangeWidth();
  while (!ranges.empty()) {
    const Segment& segment = state_->SegmentOf(first);
    const uint32_t local = first - segment.first_index;
    const size_t here = std::min<size_t>(ranges.size(), segment.count() - local);
    if (segment.purpose == Purpose::kScore) {
      std::fill_n(ranges.begin(), here, SearchSpace::Range{0, 0});
    } else {
      state_->rule->Changes(state_->step, state_->IndexOf(segment, local), ranges.subspan(0, here),
                            values.subspan(0, here * width));
    }
    ranges.remove_prefix(here);
    values.remove_prefix(here * width);
    first += static_cast<uint32_t>(here);
  }
}

bool Search::HasFrames() const { return !state_->opens_with_points() && state_->rule->HasFrames(); }

FrameMoves Search::Frames(uint32_t first, uint32_t count) const {
  const Segment& segment = state_->SegmentOf(first);
  if (segment.purpose == Purpose::kScore) return {};
  return state_->rule->Frames(state_->step, state_->IndexOf(segment, first - segment.first_index),
                              count);
}

StepSummary Search::Close(absl::Span<double> losses, absl::Span<Outcome> outcomes,
                          std::vector<double>* violations) {
  State& s = *state_;
  std::vector<double> none;
  std::vector<double>& all = violations != nullptr ? *violations : none;
  const std::optional<PlainAnswers> plain =
      s.AskedPlainly() ? ScanPlain(losses, outcomes) : std::nullopt;
  if (!plain) s.CheckAnswers(losses, outcomes, all);
  s.FillReused(losses, outcomes, all);
  StepSummary summary = plain ? s.Summarize(*plain, losses) : s.Summarize(losses, outcomes);
  const size_t scores = s.score_count();
  const absl::Span<const double> broken = absl::MakeConstSpan(all);
  if (scores > 0) {
    s.TakeScore({losses.subspan(0, scores), outcomes.subspan(0, scores),
                 broken.empty() ? broken : broken.subspan(0, scores)},
                summary);
  }
  RepeatedAnswers searched{losses.subspan(scores), outcomes.subspan(scores),
                           broken.empty() ? broken : broken.subspan(scores)};
  MeanAnswers mean;
  if (s.spec.repeats > 1) {
    mean = MeanOverRepeats(searched, s.search_count());
    searched = {mean.losses, mean.outcomes, mean.violations};
  }
  if (s.search_count() > 0) {
    const StepAnswers answers = {s.step, 0, searched.losses, searched.outcomes,
                                 searched.violations};
    s.TakeSearch(answers, plain ? plain->lowest : s.TakeLowest(answers), summary);
  }

  s.idle_steps = s.plan.reused.size() == s.plan.count ? s.idle_steps + 1 : 0;
  ++s.step;
  s.open = false;
  return summary;
}

// The engine answers with finite numbers only; anything else must not reach the update.
void Search::State::CheckAnswers(absl::Span<const double> losses, absl::Span<Outcome> outcomes,
                                 absl::Span<const double> violations) const {
  for (size_t i = 0; i < losses.size(); ++i) {
    const bool violated = outcomes[i] == Outcome::kViolation;
    if (!violated && outcomes[i] != Outcome::kLoss) continue;
    const bool sound =
        !violated || (i < violations.size() && std::isfinite(violations[i]) && violations[i] > 0.0);
    if (!sound || !std::isfinite(losses[i])) outcomes[i] = Outcome::kInfeasible;
  }
}

void Search::State::FillReused(absl::Span<double> losses, absl::Span<Outcome> outcomes,
                               std::vector<double>& violations) const {
  for (const Reused& reused : plan.reused) {
    const bool alias = reused.alias_of.has_value();
    losses[reused.index] = alias ? losses[*reused.alias_of] : reused.loss;
    outcomes[reused.index] = alias ? outcomes[*reused.alias_of] : reused.outcome;
    if (outcomes[reused.index] != Outcome::kViolation) continue;
    violations.resize(losses.size(), 0.0);
    violations[reused.index] = alias ? violations[*reused.alias_of] : reused.violation;
  }
}

bool Search::State::AskedPlainly() const {
  return plan.reused.empty() && keys.empty() && spec.repeats == 1 && score_count() == 0;
}

StepSummary Search::State::Summarize(const PlainAnswers& plain,
                                     absl::Span<const double> losses) const {
  StepSummary summary;
  summary.step = step;
  summary.evaluations = plan.count;
  summary.best_loss = losses[plain.lowest];
  summary.mean_loss = plain.sum / plan.count;
  return summary;
}

StepSummary Search::State::Summarize(absl::Span<const double> losses,
                                     absl::Span<const Outcome> outcomes) const {
  StepSummary summary;
  summary.step = step;
  summary.reused = static_cast<uint32_t>(plan.reused.size());
  size_t next_reused = 0;
  for (uint32_t i = 0; i < plan.count; ++i) {
    if (next_reused < plan.reused.size() && plan.reused[next_reused].index == i) {
      ++next_reused;
      continue;
    }
    summary.evaluations += IsAnswer(outcomes[i]) ? 1 : 0;
    summary.infeasible += outcomes[i] == Outcome::kInfeasible ? 1 : 0;
    summary.masked += outcomes[i] == Outcome::kMissing ? 1 : 0;
  }
  double sum = 0.0;
  uint32_t count = 0;
  for (const Segment& segment : plan.segments) {
    if (segment.purpose != Purpose::kSearch) continue;
    for (uint32_t i = segment.first_index; i < segment.first_index + segment.count(); ++i) {
      if (outcomes[i] != Outcome::kLoss) continue;
      sum += losses[i];
      ++count;
      if (!summary.best_loss || losses[i] < *summary.best_loss) summary.best_loss = losses[i];
    }
  }
  if (count > 0) summary.mean_loss = sum / count;
  return summary;
}

std::string Search::Save() const {
  const State& s = *state_;
  ByteWriter writer;
  writer.U32(StateFormat(s.spec));
  writer.U64(s.spec.seed);
  writer.U8(static_cast<uint8_t>(s.spec.optimizer.method));
  writer.I64(s.step);
  writer.I64(s.idle_steps);
  writer.I64(s.last_score_step);
  writer.Bool(s.center_scored);
  writer.Bool(s.best.has_value());
  if (s.best) {
    writer.F64(s.best->loss);
    writer.I64(s.best->step);
    writer.U32(s.best->index);
    s.best->point.Save(writer);
    writer.F64(s.best->violation);
  }
  if (s.spec.noise == Noise::kNoisy) s.level.Save(writer);
  s.answered.Save(writer);
  s.rule->Save(writer);
  return writer.Take();
}

absl::Status Search::Restore(std::string_view saved) {
  State& s = *state_;
  ByteReader reader(saved);
  if (reader.U32() != StateFormat(s.spec) || reader.U64() != s.spec.seed ||
      reader.U8() != static_cast<uint8_t>(s.spec.optimizer.method)) {
    return absl::DataLossError("the saved search state is of another study or format");
  }
  s.open = false;
  s.step = reader.I64();
  s.idle_steps = reader.I64();
  s.last_score_step = reader.I64();
  s.center_scored = reader.Bool();
  s.best.reset();
  bool kept = true;
  if (reader.Bool()) {
    s.best = Incumbent{reader.F64(), reader.I64(), reader.U32(), {}, 0.0};
    kept = s.best->point.Restore(s.kept_form(), reader) && s.best->point.size() == s.center_size();
    s.best->violation = reader.F64();
  }
  const bool levelled = s.spec.noise != Noise::kNoisy || s.level.Restore(reader);
  const bool fits = kept && levelled && s.answered.Restore(reader) && s.rule->Restore(reader) &&
                    reader.AtEnd() && s.step >= 0;
  if (!fits) return absl::DataLossError("the saved search state is damaged");
  return absl::OkStatus();
}

}  // namespace polystep
