#include "core/method/surrogate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace polystep {
namespace {

// Points kept, and points a model is fitted to, as multiples of its coefficients.
constexpr double kKept = 3.0;
constexpr double kFewestFitted = 1.1;
constexpr double kMostFitted = 1.5;
// Share of the coefficients that must be new for another full model.
constexpr double kNewShare = 0.1;
// The best point weighs this much more than the worst, linearly in the rank.
constexpr double kBestWeight = 20.0;

constexpr double kFirstTrust = 2.0;
constexpr double kLeastTrust = 0.1;
constexpr double kMostTrust = 100.0;
constexpr uint32_t kLongestPause = 64;
constexpr double kSecondLength = 0.3;  // of the first proposal's

// Frames shrink to this many lengths of a successful proposal, and to this factor at most at once.
constexpr double kFrameLength = 2.0;
constexpr double kMostShrinkage = 0.5;
// Most that the curvature may stretch the metric at once.
constexpr double kBendAfterSuccess = 10.0;
constexpr double kBendAfterFailure = 4.0;

double Length(absl::Span<const double> values) {
  double sum = 0.0;
  for (double value : values) sum += value * value;
  return std::sqrt(sum);
}

// Displacements to the coordinates of a form: axes of the metric, or scaled coordinates.
void ToForm(QuadraticForm form, const MetricModel& metric, absl::Span<const double> x,
            absl::Span<double> z) {
  if (form != QuadraticForm::kDiagonal) return metric.ToAxes(x, z);
  for (size_t i = 0; i < x.size(); ++i) z[i] = x[i] / metric.Deviation(i);
}

void FromForm(QuadraticForm form, const MetricModel& metric, absl::Span<const double> z,
              absl::Span<double> x) {
  if (form != QuadraticForm::kDiagonal) return metric.FromAxes(z, x);
  for (size_t i = 0; i < x.size(); ++i) x[i] = z[i] * metric.Deviation(i);
}

}  // namespace

Surrogate::Surrogate(size_t dimension)
    : dimension_(dimension), full_allowed_(dimension <= kMaxFullSurrogate) {
  const QuadraticForm largest = full_allowed_ ? QuadraticForm::kFull : QuadraticForm::kDiagonal;
  capacity_ = static_cast<size_t>(kKept * static_cast<double>(Coefficients(largest, dimension)));
  Reset();
}

void Surrogate::Reset() {
  points_.clear();
  losses_.clear();
  oldest_ = 0;
  added_ = 0;
  trust_ = kFirstTrust;
  wait_ = 0;
  pause_ = 1;
  length_ = 0.0;
  bounded_ = false;
  hessian_.clear();
}

void Surrogate::Add(absl::Span<const double> point, double loss) {
  ++added_;
  if (losses_.size() < capacity_) {
    points_.insert(points_.end(), point.begin(), point.end());
    losses_.push_back(loss);
    return;
  }
  std::copy(point.begin(), point.end(),
            points_.begin() + static_cast<ptrdiff_t>(oldest_ * dimension_));
  losses_[oldest_] = loss;
  oldest_ = (oldest_ + 1) % capacity_;
}

bool Surrogate::Select(QuadraticForm form, const MetricModel& metric, absl::Span<const double> base,
                       double base_loss, Sample& sample) const {
  const size_t n = dimension_;
  const size_t count = losses_.size();
  const auto coefficients = static_cast<double>(Coefficients(form, n));
  if (static_cast<double>(count) < kFewestFitted * coefficients) return false;

  std::vector<double> z(count * n);
  std::vector<double> offset(n);
  std::vector<double> distance(count);
  for (size_t m = 0; m < count; ++m) {
    for (size_t i = 0; i < n; ++i) offset[i] = points_[m * n + i] - base[i];
    absl::Span<double> out = absl::MakeSpan(z).subspan(m * n, n);
    ToForm(form, metric, offset, out);
    distance[m] = Length(out);
  }
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return distance[a] < distance[b]; });
  order.resize(std::min(count, static_cast<size_t>(kMostFitted * coefficients) + 1));
  sample.unit = distance[order.back()];
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return losses_[a] < losses_[b]; });
  const double spread = losses_[order.back()] - losses_[order.front()];
  if (!(spread > 0.0) || !std::isfinite(spread) || !(sample.unit > 0.0)) return false;

  for (size_t rank = 0; rank < order.size(); ++rank) {
    const size_t m = order[rank];
    for (size_t i = 0; i < n; ++i) sample.z.push_back(z[m * n + i] / sample.unit);
    sample.values.push_back((losses_[m] - base_loss) / spread);
    const double quality = 1.0 - static_cast<double>(rank) / static_cast<double>(order.size());
    sample.weights.push_back(1.0 + (kBestWeight - 1.0) * quality);
  }
  return true;
}

bool Surrogate::Fit(const MetricModel& metric, absl::Span<const double> base, double base_loss,
                    QuadraticModel& model, double& unit) {
  const bool fitted_full = !hessian_.empty();
  hessian_.clear();
  Sample sample;
  if (full_allowed_) {
    if (Select(QuadraticForm::kFull, metric, base, base_loss, sample) &&
        FitQuadratic(QuadraticForm::kFull, dimension_, sample.z, sample.values, sample.weights,
                     model)) {
      added_ = 0;
      unit = sample.unit;
      hessian_ = metric.FromAxesCurvature(model.hessian);
      return true;
    }
    if (fitted_full) return false;
    sample = Sample();
  }
  const QuadraticForm form = FirstForm();
  if (!Select(form, metric, base, base_loss, sample)) return false;
  unit = sample.unit;
  std::vector<double> shape;
  if (form == QuadraticForm::kRound) shape = metric.StartInAxes();
  return FitQuadratic(form, dimension_, sample.z, sample.values, sample.weights, model, shape);
}

std::vector<std::vector<double>> Surrogate::Propose(const MetricModel& metric,
                                                    absl::Span<const double> base, double base_loss,
                                                    size_t count) {
  if (wait_ > 0) {
    --wait_;
    return {};
  }
  const size_t n = dimension_;
  const auto all = static_cast<double>(Coefficients(QuadraticForm::kFull, n));
  if (!hessian_.empty() && static_cast<double>(added_) < kNewShare * all) return {};
  QuadraticModel model;
  double unit = 0.0;
  if (!Fit(metric, base, base_loss, model, unit)) return {};
  const QuadraticForm form = hessian_.empty() ? FirstForm() : QuadraticForm::kFull;
  const double vertex = std::sqrt(static_cast<double>(n));
  double radius = trust_ * vertex / unit;
  std::vector<std::vector<double>> offsets;
  for (size_t p = 0; p < count; ++p) {
    std::vector<double> z;
    if (!MinimizeInBall(model, radius, z)) return {};
    const double length = Length(z);
    if (!(length > 0.0)) return {};
    if (p == 0) {
      length_ = length * unit / vertex;
      bounded_ = length > 0.99 * radius;
    }
    radius = kSecondLength * length;
    for (double& value : z) value *= unit;
    offsets.emplace_back(n);
    FromForm(form, metric, z, absl::MakeSpan(offsets.back()));
  }
  return offsets;
}

void Surrogate::Judge(bool better, MetricModel& metric) {
  const bool full = !hessian_.empty();
  if (better) {
    if (bounded_) trust_ = std::min(2.0 * trust_, kMostTrust);
    pause_ = 1;
    if (full) metric.Bend(hessian_, kBendAfterSuccess);
    metric.Widen(std::clamp(kFrameLength * length_, kMostShrinkage, 1.0));
  } else {
    trust_ = std::max(0.5 * std::min(trust_, length_), kLeastTrust);
    wait_ = pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    if (full) metric.Bend(hessian_, kBendAfterFailure);
  }
}

void Surrogate::TryAgain() {
  wait_ = 1;
  hessian_.clear();
}

void Surrogate::Save(ByteWriter& writer) const {
  writer.Doubles(points_);
  writer.Doubles(losses_);
  writer.U64(oldest_);
  writer.U64(added_);
  writer.F64(trust_);
  writer.U32(wait_);
  writer.U32(pause_);
  writer.F64(length_);
  writer.Bool(bounded_);
  writer.Doubles(hessian_);
}

bool Surrogate::Restore(ByteReader& reader) {
  points_ = reader.Doubles();
  losses_ = reader.Doubles();
  oldest_ = reader.U64();
  added_ = reader.U64();
  trust_ = reader.F64();
  wait_ = reader.U32();
  pause_ = reader.U32();
  length_ = reader.F64();
  bounded_ = reader.Bool();
  hessian_ = reader.Doubles();
  return reader.ok() && losses_.size() <= capacity_ && oldest_ < capacity_ &&
         points_.size() == losses_.size() * dimension_ &&
         (hessian_.empty() || hessian_.size() == dimension_ * dimension_);
}

}  // namespace polystep
