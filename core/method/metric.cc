#include "core/method/metric.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/random/random_stream.h"

namespace polystep {
namespace {

// Smallest deviation of a lattice coordinate, in cells. Local moves leave a cell anyway, so with
// them the floor only keeps the arithmetic sound; without, a probe must get across by itself.
constexpr double kFloorWithMoves = 0.1;
constexpr double kFloorWithoutMoves = 0.3;

// A lattice coordinate below this deviation (in cells) is frozen; with this share of them frozen
// half of the rows are local moves. Later where a surrogate looks after lattices as well.
constexpr double kFrozenDeviation = 0.5;
constexpr double kFrozenShare = 0.3;
constexpr double kFrozenDeviationWithSurrogate = 0.3;
constexpr double kFrozenShareWithSurrogate = 0.6;

constexpr double kPlateauGrowth = 1.2;
constexpr int64_t kMostFlatUpdates = 20;

// Of the radius, when a step of nothing but local moves found nothing better.
constexpr double kFruitlessShrinkage = 0.88;

std::vector<uint32_t> ActiveCoordinates(const SearchSpace& space) {
  std::vector<uint32_t> active;
  for (const CoordinateRuns::Run& run : space.coordinates().runs()) {
    const Coordinate& c = run.coordinate;
    if (c.spacing >= c.upper - c.lower) continue;
    for (size_t i = run.first; i < run.end; ++i) active.push_back(static_cast<uint32_t>(i));
  }
  // A space of a single point still has a step to offer.
  if (active.empty()) active.push_back(0);
  return active;
}

// A frame has at most as many directions as there are coordinates to move.
MetricOptions FittedTo(size_t dimension, MetricOptions options) {
  options.frame_size = std::min(options.frame_size, static_cast<uint32_t>(dimension));
  return options;
}

std::vector<Coordinate> BoundsOf(const SearchSpace& space, const std::vector<uint32_t>& active) {
  std::vector<Coordinate> bounds;
  bounds.reserve(active.size());
  for (uint32_t i : active) bounds.push_back(space.coordinates()[i]);
  return bounds;
}

std::vector<double> ExtentsOf(const std::vector<Coordinate>& bounds) {
  std::vector<double> extents;
  extents.reserve(bounds.size());
  for (const Coordinate& c : bounds) extents.push_back(std::max(c.extent, 1e-300));
  return extents;
}

}  // namespace

bool IsMostlyLattice(const SearchSpace& space) {
  size_t lattice = 0;
  for (const CoordinateRuns::Run& run : space.coordinates().runs()) {
    if (run.coordinate.spacing > 0.0) lattice += run.end - run.first;
  }
  return 2 * lattice >= space.coordinates().size();
}

MetricRule::MetricRule(RuleContext context, MetricOptions options)
    : context_(std::move(context)),
      active_(ActiveCoordinates(*context_.space)),
      bounds_(BoundsOf(*context_.space, active_)),
      options_(FittedTo(active_.size(), options)),
      moves_(*context_.space),
      lattice_(IsMostlyLattice(*context_.space)),
      local_(!context_.noisy && !moves_.empty()),
      models_(!context_.noisy &&
              (moves_.empty() ? active_.size() <= kMaxSurrogate
                              : LatticeSurrogate::Suits(*context_.space, active_))),
      first_center_(context_.space->InitialCoordinates(context_.seed)),
      center_(first_center_),
      model_(static_cast<int64_t>(active_.size()) <= kMaxFullMetric, options_.radius,
             ExtentsOf(bounds_)),
      rows_(options_.rows),
      surrogate_(models_ ? active_.size() : 1),
      frame_(context_.seed, options_.frame_size) {
  if (models_ && !moves_.empty()) mixed_.emplace(*context_.space, active_);
  // One look at the start itself.
  if (models_) proposals_ = {center_};
  RefreshFloors();
}

StepShape MetricRule::Shape() const {
  if (lone()) return {1, 1, 1};
  return {rows_, 2 * options_.frame_size, 1};
}

void MetricRule::StartAt(absl::Span<const double> center) {
  center_.assign(center.begin(), center.end());
  first_center_ = center_;
  if (models_) proposals_ = {center_};
  RefreshFloors();
}

double MetricRule::Displacement(size_t n, double signed_y) const {
  const uint32_t i = active_[n];
  const Coordinate& c = bounds_[n];
  const double moved = center_[i] + model_.radius() * inflation_[n] * signed_y;
  return std::clamp(moved, c.lower, c.upper) - center_[i];
}

void MetricRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                            absl::Span<double> out) const {
  const size_t size = center_.size();
  const uint32_t vertices = 2 * options_.frame_size;
  for (uint32_t m = 0; m < count; ++m) {
    const uint32_t row = (first + m) / vertices;
    const uint32_t vertex = (first + m) % vertices;
    absl::Span<double> candidate = out.subspan(m * size, size);
    if (const std::vector<double>* proposal = ProposalAt(first + m)) {
      std::copy(proposal->begin(), proposal->end(), candidate.begin());
    } else if (row < frames()) {
      FrameCandidate(step, row, vertex, candidate);
    } else {
      LocalCandidate(step, row, vertex, candidate);
    }
    context_.space->Clamp(candidate);
  }
}

void MetricRule::FrameCandidate(int64_t step, uint32_t row, uint32_t vertex,
                                absl::Span<double> out) const {
  const uint32_t k = options_.frame_size;
  absl::Span<const double> y = frame_.Direction(model_, step, row, vertex % k);
  std::copy(center_.begin(), center_.end(), out.begin());
  const double sign = vertex < k ? 1.0 : -1.0;
  for (size_t n = 0; n < y.size(); ++n) out[active_[n]] += Displacement(n, sign * y[n]);
}

void MetricRule::LocalCandidate(int64_t step, uint32_t row, uint32_t vertex,
                                absl::Span<double> out) const {
  const uint32_t k = options_.frame_size;
  const std::vector<double>& base = start_best_.known ? start_best_.point : center_;
  std::copy(base.begin(), base.end(), out.begin());
  RandomStream stream(context_.seed, static_cast<uint64_t>(step), row * k + vertex % k,
                      Draw::kJitter);
  moves_.Mutate(stream, vertex < k ? 1.0 : -1.0, out);
}

StepLengths MetricRule::Update(const StepAnswers& answers) {
  StepLengths lengths;
  lengths.step_radius = model_.radius();
  lengths.probe_distance = model_.radius();
  const std::optional<Merit> before =
      start_best_.known ? std::optional<Merit>(start_best_.merit) : std::nullopt;
  if (models_) Remember(answers);
  TrackBest(answers);
  if (!lone()) MoveByFrames(answers);
  if (jumps_) center_ = start_best_.point;
  if (before && !proposals_.empty()) JudgeProposals(answers, *before);
  frame_.Forget();
  ++updates_;
  const bool over = options_.restarts && Exhausted();
  if (over) StartOver(answers.step);
  if (context_.noisy && !over) {
    rows_ = noise_rows_.After(answers, rows_, active_.size(),
                              {options_.rows, options_.rows << kMostDoublings});
  }
  RefreshFloors();
  proposals_.clear();
  if (models_ && !over) Propose();
  return lengths;
}

void MetricRule::MoveByFrames(const StepAnswers& answers) {
  const uint32_t vertices = 2 * options_.frame_size;
  auto weigh = [&](const std::vector<Outcome>& outcomes) {
    return WeighByRank(options_.temperature, vertices, answers.losses, outcomes,
                       answers.violations);
  };
  std::vector<Outcome> outcomes(answers.outcomes.begin(), answers.outcomes.end());
  for (uint32_t i = 0; i < outcomes.size(); ++i) {
    if (ProposalAt(i) != nullptr) outcomes[i] = Outcome::kMissing;
  }
  // Where local moves differ there is no plateau; but they say nothing of the frames' directions.
  const RankWeights all = weigh(outcomes);
  flat_ = all.flat && all.usable > 0 ? flat_ + 1 : 0;
  // A plateau: look further out. Without an answer nothing is known.
  if (all.flat && all.usable > 0) return model_.Widen(kPlateauGrowth);
  const size_t framed = std::min<size_t>(outcomes.size(), size_t{vertices} * frames());
  if (framed == 0) return jumps_ ? void() : model_.Widen(kFruitlessShrinkage);
  std::fill(outcomes.begin() + static_cast<ptrdiff_t>(framed), outcomes.end(), Outcome::kMissing);
  const RankWeights ranks = weigh(outcomes);
  if (!ranks.flat) Adapt(answers, ranks, static_cast<uint32_t>(framed));
}

void MetricRule::Adapt(const StepAnswers& answers, const RankWeights& ranks, uint32_t framed) {
  const size_t n = active_.size();
  const uint32_t k = options_.frame_size;
  const MetricRates rates = RatesOf(n, EffectiveMass(options_.temperature, framed), model_.full());
  model_.BeginUpdate(rates);
  std::vector<double> moved(n, 0.0);
  std::vector<double> y(n);
  for (uint32_t index = 0; index < framed; ++index) {
    const double weight = ranks.weights[index];
    if (weight == 0.0) continue;
    const uint32_t vertex = index % (2 * k);
    absl::Span<const double> direction =
        frame_.Direction(model_, answers.step, index / (2 * k), vertex % k);
    const double sign = vertex < k ? 1.0 : -1.0;
    for (size_t i = 0; i < n; ++i) {
      const double displacement = Displacement(i, sign * direction[i]);
      moved[i] += weight * displacement;
      y[i] = displacement / (model_.radius() * inflation_[i]);
    }
    model_.AddWeighted(rates.weighted * weight, y);
  }
  for (size_t i = 0; i < n; ++i) {
    center_[active_[i]] += moved[i];
    y[i] = moved[i] / (model_.radius() * inflation_[i]);
  }
  model_.FinishUpdate(rates, y, 1.0 / std::sqrt(ranks.neutral_second_moment));
  context_.space->Clamp(absl::MakeSpan(center_));
}

const std::vector<double>* MetricRule::ProposalAt(uint32_t index) const {
  if (proposals_.empty()) return nullptr;
  if (lone()) return proposals_.data();
  const uint32_t k = options_.frame_size;
  const uint32_t first = 2 * k * (rows_ - 1);
  if (index != first && index != first + k) return nullptr;
  const size_t place = index == first ? 0 : 1;
  return place < proposals_.size() ? &proposals_[place] : nullptr;
}

void MetricRule::Remember(const StepAnswers& answers) {
  std::vector<double> point(center_.size());
  std::vector<double> moved(active_.size());
  for (uint32_t i = 0; i < answers.losses.size(); ++i) {
    if (answers.outcomes[i] != Outcome::kLoss) continue;
    Candidates(answers.step, i, 1, absl::MakeSpan(point));
    for (size_t n = 0; n < moved.size(); ++n) moved[n] = point[active_[n]];
    mixed_ ? mixed_->Add(point, answers.losses[i]) : surrogate_.Add(moved, answers.losses[i]);
  }
}

void MetricRule::JudgeProposals(const StepAnswers& answers, const Merit& before) {
  bool answered = false;
  bool better = false;
  for (uint32_t i = 0; i < answers.losses.size(); ++i) {
    if (answers.outcomes[i] == Outcome::kMissing || ProposalAt(i) == nullptr) continue;
    answered = true;
    better = better || answers.merit(i) < before;
  }
  if (!answered) return mixed_ ? mixed_->TryAgain() : surrogate_.TryAgain();
  if (mixed_) return model_.Widen(mixed_->Judge(better));
  surrogate_.Judge(better, model_);
}

void MetricRule::Propose() {
  // The model is of feasible losses.
  if (!start_best_.known || !start_best_.merit.feasible()) return;
  if (mixed_) {
    proposals_ = mixed_->Propose(model_, start_best_.point, start_best_.merit.loss);
    return;
  }
  std::vector<double> base(active_.size());
  for (size_t n = 0; n < base.size(); ++n) base[n] = start_best_.point[active_[n]];
  const size_t count = options_.sequential ? 1 : kMostProposals;
  for (const std::vector<double>& offset :
       surrogate_.Propose(model_, base, start_best_.merit.loss, count)) {
    proposals_.push_back(start_best_.point);
    for (size_t n = 0; n < base.size(); ++n) proposals_.back()[active_[n]] += offset[n];
    context_.space->Clamp(absl::MakeSpan(proposals_.back()));
  }
}

void MetricRule::RefreshFloors() {
  const double floor = local_ ? kFloorWithMoves : kFloorWithoutMoves;
  inflation_.assign(active_.size(), 1.0);
  const double still = mixed_ ? kFrozenDeviationWithSurrogate : kFrozenDeviation;
  const double share = mixed_ ? kFrozenShareWithSurrogate : kFrozenShare;
  size_t lattice = 0;
  size_t frozen = 0;
  for (size_t n = 0; n < active_.size(); ++n) {
    const uint32_t i = active_[n];
    if (bounds_[n].spacing == 0.0) continue;
    const double cell = context_.space->CellWidth(i, center_[i]);
    const double deviation = model_.Deviation(n);
    ++lattice;
    if (deviation < still * cell) ++frozen;
    if (deviation < floor * cell) inflation_[n] = floor * cell / deviation;
  }
  frozen_ = frozen > 0 && static_cast<double>(frozen) >= share * static_cast<double>(lattice);
}

// Before the state changes: candidates are made from it.
void MetricRule::TrackBest(const StepAnswers& answers) {
  if (!lone()) ++stale_;
  std::optional<uint32_t> lowest;
  jumps_ = false;
  for (uint32_t n = 0; n < answers.losses.size(); ++n) {
    if (answers.outcomes[n] == Outcome::kMissing || answers.outcomes[n] == Outcome::kInfeasible) {
      continue;
    }
    const Merit merit = answers.merit(n);
    if (start_best_.known && !(merit < start_best_.merit)) continue;
    start_best_.known = true;
    start_best_.merit = merit;
    lowest = n;
  }
  if (!lowest) return;
  stale_ = 0;
  if (!local_ && !models_) return;
  std::vector<double> point(center_.size());
  Candidates(answers.step, *lowest, 1, absl::MakeSpan(point));
  start_best_.point = std::move(point);
  jumps_ = ProposalAt(*lowest) != nullptr || *lowest / (2 * options_.frame_size) >= frames();
  if (!record_.known || start_best_.merit < record_.merit) record_ = start_best_;
}

bool MetricRule::Exhausted() const {
  double widest = 0.0;
  for (size_t n = 0; n < active_.size(); ++n) {
    const Coordinate& c = bounds_[n];
    const double unit = c.spacing > 0.0 ? 1e8 * c.spacing : c.extent;
    widest = std::max(widest, model_.Deviation(n) / unit);
  }
  if (widest < 1e-13 || !(model_.radius() < 1e8)) return true;
  if (flat_ >= kMostFlatUpdates) return true;
  const auto n = static_cast<double>(active_.size());
  const double step_size = 2.0 * options_.frame_size * rows_;
  // On a lattice a start has soon seen what is around it.
  const double patience = lattice_ ? 20.0 + 30.0 * n / step_size : 50.0 + 100.0 * n / step_size;
  return !context_.noisy && static_cast<double>(stale_) > patience;
}

// A new start begins anywhere, with twice the rows of the one before, to see more of the landscape.
// On lattices every second one is a closer look around the best point so far.
void MetricRule::StartOver(int64_t step) {
  ++starts_;
  stale_ = 0;
  flat_ = 0;
  surrogate_.Reset();
  if (mixed_) mixed_->Reset();
  start_best_ = BestPoint();
  const bool around_record = lattice_ && starts_ % 2 == 1 && !record_.point.empty();
  const uint32_t doublings = std::min(lattice_ ? starts_ / 2 : starts_, kMostDoublings);
  rows_ = around_record ? options_.rows : options_.rows << doublings;
  model_.Reset(around_record ? 0.5 * options_.radius : options_.radius);
  RandomStream stream(context_.seed, static_cast<uint64_t>(step), 0, Draw::kRestart);
  for (size_t n = 0; n < active_.size(); ++n) {
    const uint32_t i = active_[n];
    const Coordinate& c = bounds_[n];
    const bool boxed = std::isfinite(c.lower) && std::isfinite(c.upper);
    center_[i] = around_record ? record_.point[i]
                 : boxed       ? c.lower + (c.upper - c.lower) * stream.Uniform()
                               : first_center_[i] + c.extent * stream.Normal();
  }
  context_.space->Clamp(absl::MakeSpan(center_));
}

}  // namespace polystep
