#include "core/method/lattice_surrogate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <variant>

#include "core/method/lattice_minimum.h"

namespace polystep {
namespace {

// A full quadratic costs the cube of its coefficients.
constexpr size_t kMostCoordinates = 40;

// Points kept, and points a model is fitted to, as multiples of its coefficients.
constexpr double kKept = 4.0;
constexpr double kFewestFitted = 1.1;
constexpr double kMostFitted = 3.0;
// Share of the coefficients that must be new for another joint model.
constexpr double kNewShare = 0.025;
// The best point weighs this much more than the worst, linearly in the rank.
constexpr double kBestWeight = 20.0;

// In radii of the points a model is fitted to.
constexpr double kFirstTrust = 2.0;
constexpr double kLeastTrust = 0.2;
constexpr double kMostTrust = 20.0;
constexpr uint32_t kLongestPause = 32;

// Moves shrink to this many lengths of a successful proposal, and to this factor at most at once.
constexpr double kFrameLength = 2.0;
constexpr double kMostShrinkage = 0.5;

}  // namespace

bool LatticeSurrogate::Suits(const SearchSpace& space, absl::Span<const uint32_t> active) {
  const bool all_lattice = std::all_of(active.begin(), active.end(), [&](uint32_t i) {
    return space.coordinates()[i].spacing > 0.0;
  });
  for (const ParameterSpec& parameter : space.parameters()) {
    if (all_lattice && std::holds_alternative<DiscreteDomain>(parameter.domain)) return false;
    if (std::holds_alternative<CategoricalDomain>(parameter.domain)) return false;
    const auto* integer = std::get_if<IntegerDomain>(&parameter.domain);
    if (integer != nullptr && integer->scale != Scale::kLinear) return false;
  }
  return active.size() <= kMostCoordinates;
}

LatticeSurrogate::LatticeSurrogate(const SearchSpace& space, std::vector<uint32_t> active)
    : active_(std::move(active)) {
  for (uint32_t i : active_) coordinates_.push_back(space.coordinates()[i]);
  capacity_ = static_cast<size_t>(
      kKept * static_cast<double>(Coefficients(QuadraticForm::kFull, active_.size())));
  Reset();
}

void LatticeSurrogate::Reset() {
  points_.clear();
  losses_.clear();
  oldest_ = 0;
  added_ = 0;
  trusts_.fill({kFirstTrust, 0, 1});
  turn_ = kJoint;
  slices_ = false;
  length_ = 0.0;
  reach_ = 0.0;
}

void LatticeSurrogate::Snap(absl::Span<double> point) const {
  for (size_t i = 0; i < point.size(); ++i) {
    const SearchSpace::Coordinate& c = coordinates_[i];
    if (c.spacing == 0.0) continue;
    const double cells = std::floor((c.upper - c.lower) / c.spacing + 0.5);
    const double cell = std::floor((point[i] - c.lower) / c.spacing);
    point[i] = c.lower + (std::clamp(cell, 0.0, cells - 1.0) + 0.5) * c.spacing;
  }
}

void LatticeSurrogate::Add(absl::Span<const double> point, double loss) {
  const size_t n = active_.size();
  ++added_;
  size_t place = losses_.size();
  if (place < capacity_) {
    losses_.push_back(loss);
    points_.resize(points_.size() + n);
  } else {
    place = oldest_;
    losses_[place] = loss;
    oldest_ = (oldest_ + 1) % capacity_;
  }
  absl::Span<double> kept = absl::MakeSpan(points_).subspan(place * n, n);
  for (size_t i = 0; i < n; ++i) kept[i] = point[active_[i]];
  Snap(kept);
}

bool LatticeSurrogate::Known(absl::Span<const double> point) const {
  const size_t n = point.size();
  for (size_t m = 0; m < losses_.size(); ++m) {
    if (std::equal(point.begin(), point.end(), points_.data() + m * n)) return true;
  }
  return false;
}

// The points nearest to the base in fitted.units, best first; fills fitted.seen and multiplies the
// units by the radius of the points. Empty if they are too few for any form.
std::vector<size_t> LatticeSurrogate::Nearest(Kind kind, absl::Span<const double> base,
                                              Fitted& fitted, QuadraticForm& form) const {
  const size_t n = base.size();
  for (size_t i = 0; i < n; ++i) {
    if (kind == kJoint || coordinates_[i].spacing == 0.0) fitted.seen.push_back(i);
  }
  if (fitted.seen.empty()) return {};
  std::vector<size_t> order;
  std::vector<double> distance(losses_.size(), 0.0);
  for (size_t m = 0; m < losses_.size(); ++m) {
    const double* point = points_.data() + m * n;
    bool fits = true;
    for (size_t i = 0; i < n; ++i) {
      const bool differs = kind == kSlice && coordinates_[i].spacing > 0.0 && point[i] != base[i];
      fits = fits && !differs;
    }
    if (!fits) continue;
    for (size_t i : fitted.seen) {
      const double d = (point[i] - base[i]) / fitted.units[i];
      distance[m] += d * d;
    }
    order.push_back(m);
  }
  auto needed = [&] {
    return kFewestFitted * static_cast<double>(Coefficients(form, fitted.seen.size()));
  };
  if (static_cast<double>(order.size()) < needed()) form = QuadraticForm::kDiagonal;
  if (static_cast<double>(order.size()) < needed() + 1.0) return {};
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return distance[a] < distance[b]; });
  const auto most = kMostFitted * static_cast<double>(Coefficients(form, fitted.seen.size()));
  order.resize(std::min(order.size(), static_cast<size_t>(most) + 1));
  const double radius = std::sqrt(distance[order.back()]);
  if (!(radius > 0.0)) return {};
  for (double& unit : fitted.units) unit *= radius;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return losses_[a] < losses_[b]; });
  return order;
}

bool LatticeSurrogate::Fit(Kind kind, const MetricModel& metric, absl::Span<const double> base,
                           double base_loss, Fitted& fitted) const {
  const size_t n = base.size();
  for (size_t i = 0; i < n; ++i) {
    fitted.units.push_back(std::max(metric.Deviation(i), coordinates_[i].spacing));
  }
  QuadraticForm form = QuadraticForm::kFull;
  const std::vector<size_t> order = Nearest(kind, base, fitted, form);
  if (order.empty()) return false;
  const double spread = losses_[order.back()] - losses_[order.front()];
  if (!(spread > 0.0) || !std::isfinite(spread)) return false;
  std::vector<double> z;
  std::vector<double> values;
  std::vector<double> weights;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const double* point = points_.data() + order[rank] * n;
    for (size_t i : fitted.seen) z.push_back((point[i] - base[i]) / fitted.units[i]);
    values.push_back((losses_[order[rank]] - base_loss) / spread);
    const double quality = 1.0 - static_cast<double>(rank) / static_cast<double>(order.size());
    weights.push_back(1.0 + (kBestWeight - 1.0) * quality);
  }
  return FitQuadratic(form, fitted.seen.size(), z, values, weights, fitted.model);
}

bool LatticeSurrogate::ProposeSlice(const Fitted& fitted, const MetricModel& metric,
                                    absl::Span<double> point) {
  const double radius = trusts_[kSlice].radius;
  std::vector<double> z;
  if (!MinimizeInBall(fitted.model, radius, z)) return false;
  double moved = 0.0;
  double reach = 0.0;
  for (size_t k = 0; k < z.size(); ++k) {
    const size_t i = fitted.seen[k];
    const double to =
        std::clamp(point[i] + z[k] * fitted.units[i], coordinates_[i].lower, coordinates_[i].upper);
    const double deviations = (to - point[i]) / metric.Deviation(i);
    moved += deviations * deviations;
    reach += z[k] * z[k];
    point[i] = to;
  }
  length_ = std::sqrt(moved / static_cast<double>(z.size()));
  reach_ = std::sqrt(reach) / radius;
  return true;
}

bool LatticeSurrogate::ProposeJoint(const Fitted& fitted, absl::Span<double> point) {
  const double radius = trusts_[kJoint].radius;
  LatticeBox box;
  for (size_t i = 0; i < point.size(); ++i) {
    const SearchSpace::Coordinate& c = coordinates_[i];
    // A lattice coordinate ends in the middles of its outer cells.
    box.cells.push_back(c.spacing / fitted.units[i]);
    const double low = (c.lower + 0.5 * c.spacing - point[i]) / fitted.units[i];
    const double high = (c.upper - 0.5 * c.spacing - point[i]) / fitted.units[i];
    box.low.push_back(std::max(low, -radius));
    box.high.push_back(std::min(high, radius));
  }
  std::vector<double> z;
  if (!MinimizeOnLattice(fitted.model, box, z)) return false;
  bool moved = false;
  reach_ = 0.0;
  for (size_t i = 0; i < point.size(); ++i) {
    point[i] += z[i] * fitted.units[i];
    if (coordinates_[i].spacing == 0.0) continue;
    reach_ = std::max(reach_, std::fabs(z[i]) / radius);
    moved = moved || z[i] != 0.0;
  }
  Snap(point);
  return moved || !slices_;
}

std::vector<std::vector<double>> LatticeSurrogate::Propose(const MetricModel& metric,
                                                           absl::Span<const double> best,
                                                           double best_loss) {
  const size_t n = active_.size();
  const auto full = static_cast<double>(Coefficients(QuadraticForm::kFull, n));
  std::vector<double> base(n);
  for (size_t i = 0; i < n; ++i) base[i] = best[active_[i]];
  Snap(absl::MakeSpan(base));
  for (int turns = 0; turns < 2; ++turns) {
    turn_ = turn_ == kSlice ? kJoint : kSlice;
    if (trusts_[turn_].wait > 0) {
      --trusts_[turn_].wait;
      continue;
    }
    if (turn_ == kJoint && static_cast<double>(added_) < kNewShare * full) continue;
    Fitted fitted;
    const bool fits = Fit(turn_, metric, base, best_loss, fitted);
    if (turn_ == kSlice) slices_ = fits;
    if (!fits) continue;
    if (turn_ == kJoint) added_ = 0;
    std::vector<double> point = base;
    const bool proposed = turn_ == kSlice ? ProposeSlice(fitted, metric, absl::MakeSpan(point))
                                          : ProposeJoint(fitted, absl::MakeSpan(point));
    if (!proposed || Known(point)) continue;
    std::vector<double> whole(best.begin(), best.end());
    for (size_t i = 0; i < n; ++i) whole[active_[i]] = point[i];
    return {std::move(whole)};
  }
  return {};
}

double LatticeSurrogate::Judge(bool better) {
  Trust& trust = trusts_[turn_];
  if (better) {
    if (reach_ > 0.99) trust.radius = std::min(2.0 * trust.radius, kMostTrust);
    trust.pause = 1;
    return turn_ == kSlice ? std::clamp(kFrameLength * length_, kMostShrinkage, 1.0) : 1.0;
  }
  trust.radius = std::max(0.5 * trust.radius * std::min(1.0, reach_), kLeastTrust);
  trust.wait = trust.pause;
  trust.pause = std::min(2 * trust.pause, kLongestPause);
  return 1.0;
}

void LatticeSurrogate::TryAgain() {
  trusts_[turn_].wait = 1;
  if (turn_ == kJoint) added_ = Coefficients(QuadraticForm::kFull, active_.size());
}

void LatticeSurrogate::Save(ByteWriter& writer) const {
  writer.Doubles(points_);
  writer.Doubles(losses_);
  writer.U64(oldest_);
  writer.U64(added_);
  for (const Trust& trust : trusts_) {
    writer.F64(trust.radius);
    writer.U32(trust.wait);
    writer.U32(trust.pause);
  }
  writer.U8(turn_);
  writer.F64(length_);
  writer.F64(reach_);
  writer.Bool(slices_);
}

bool LatticeSurrogate::Restore(ByteReader& reader) {
  points_ = reader.Doubles();
  losses_ = reader.Doubles();
  oldest_ = reader.U64();
  added_ = reader.U64();
  for (Trust& trust : trusts_) {
    trust.radius = reader.F64();
    trust.wait = reader.U32();
    trust.pause = reader.U32();
  }
  const uint8_t turn = reader.U8();
  length_ = reader.F64();
  reach_ = reader.F64();
  slices_ = reader.Bool();
  if (!reader.ok() || turn > kJoint || losses_.size() > capacity_ || oldest_ >= capacity_) {
    return false;
  }
  turn_ = static_cast<Kind>(turn);
  return points_.size() == losses_.size() * active_.size();
}

}  // namespace polystep
