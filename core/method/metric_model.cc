#include "core/method/metric_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/method/symmetric_eigen.h"
#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr double kSmallestEigenvalue = 1e-30;

double Norm(absl::Span<const double> values) {
  double sum = 0.0;
  for (double value : values) sum += value * value;
  return std::sqrt(sum);
}

// R^T M R of n x n matrices.
std::vector<double> Congruent(size_t n, absl::Span<const double> matrix,
                              absl::Span<const double> root) {
  std::vector<double> half(n * n, 0.0);  // M R
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) {
      for (size_t j = 0; j < n; ++j) half[i * n + j] += matrix[i * n + k] * root[k * n + j];
    }
  }
  std::vector<double> result(n * n, 0.0);
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) result[i * n + j] += root[k * n + i] * half[k * n + j];
    }
  }
  return result;
}

}  // namespace

MetricRates RatesOf(size_t dimension, double mass, bool full) {
  const auto n = static_cast<double>(dimension);
  MetricRates rates;
  rates.path_radius = (mass + 2.0) / (n + mass + 5.0);
  rates.damping =
      1.0 + 2.0 * std::max(0.0, std::sqrt((mass - 1.0) / (n + 1.0)) - 1.0) + rates.path_radius;
  rates.path_metric = (4.0 + mass / n) / (n + 4.0 + 2.0 * mass / n);
  const double boost = full ? 1.0 : (n + 2.0) / 3.0;
  rates.rank_one = std::min(0.9, boost * 2.0 / ((n + 1.3) * (n + 1.3) + mass));
  rates.weighted = std::min(1.0 - rates.rank_one, boost * 2.0 * (mass - 2.0 + 1.0 / mass) /
                                                      ((n + 2.0) * (n + 2.0) + mass));
  rates.chi = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
  return rates;
}

MetricModel::MetricModel(bool full, double radius, std::vector<double> extents)
    : full_(full), extents_(std::move(extents)) {
  Reset(radius);
}

void MetricModel::Reset(double radius) {
  const size_t n = dimension();
  radius_ = radius;
  generation_ = 0;
  decomposed_ = 0;
  scale_ = extents_;
  path_metric_.assign(n, 0.0);
  path_radius_.assign(n, 0.0);
  covariance_.assign(full_ ? n * n : n, 0.0);
  basis_.assign(full_ ? n * n : 0, 0.0);
  for (size_t i = 0; i < n; ++i) {
    covariance_[full_ ? i * n + i : i] = extents_[i] * extents_[i];
    if (full_) basis_[i * n + i] = 1.0;
  }
}

double MetricModel::Deviation(size_t i) const {
  return radius_ * std::sqrt(covariance_[full_ ? i * dimension() + i : i]);
}

void MetricModel::Shape(absl::Span<const double> z, absl::Span<double> y) const {
  const size_t n = dimension();
  for (size_t i = 0; i < n; ++i) {
    if (!full_) {
      y[i] = scale_[i] * z[i];
      continue;
    }
    double sum = 0.0;
    for (size_t j = 0; j < n; ++j) sum += basis_[i * n + j] * (scale_[j] * z[j]);
    y[i] = sum;
  }
}

void MetricModel::Whiten(absl::Span<const double> y, absl::Span<double> out) const {
  const size_t n = dimension();
  if (!full_) {
    for (size_t i = 0; i < n; ++i) out[i] = y[i] / scale_[i];
    return;
  }
  std::vector<double> rotated(n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) rotated[j] += basis_[i * n + j] * y[i];
  }
  for (size_t j = 0; j < n; ++j) rotated[j] /= scale_[j];
  for (size_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (size_t j = 0; j < n; ++j) sum += basis_[i * n + j] * rotated[j];
    out[i] = sum;
  }
}

void MetricModel::ToAxes(absl::Span<const double> x, absl::Span<double> z) const {
  const size_t n = dimension();
  std::fill(z.begin(), z.end(), 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) z[j] += basis_[i * n + j] * x[i];
  }
  for (size_t j = 0; j < n; ++j) z[j] /= scale_[j] * radius_;
}

void MetricModel::FromAxes(absl::Span<const double> z, absl::Span<double> x) const {
  Shape(z, x);
  for (double& value : x) value *= radius_;
}

std::vector<double> MetricModel::FromAxesCurvature(absl::Span<const double> hessian) const {
  const size_t n = dimension();
  std::vector<double> inverse_root(n * n);  // row k: axis k over its scale
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) inverse_root[k * n + i] = basis_[i * n + k] / scale_[k];
  }
  return Congruent(n, hessian, inverse_root);
}

std::vector<double> MetricModel::StartInAxes() const {
  const size_t n = dimension();
  std::vector<double> shape(n * n, 0.0);
  std::vector<double> row(n);  // coordinate i of the axes, over its extent
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) row[j] = basis_[i * n + j] * scale_[j] / extents_[i];
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k) shape[j * n + k] += row[j] * row[k];
    }
  }
  double trace = 0.0;
  for (size_t j = 0; j < n; ++j) trace += shape[j * n + j];
  for (double& entry : shape) entry *= static_cast<double>(n) / trace;
  return shape;
}

void MetricModel::Bend(absl::Span<const double> hessian, double condition) {
  const size_t n = dimension();
  std::vector<double> root(n * n);  // column k: axis k times its scale
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) root[i * n + k] = basis_[i * n + k] * scale_[k];
  }
  std::vector<double> seen = Congruent(n, hessian, root);
  std::vector<double> turn(n * n);
  std::vector<double> values(n);
  if (!SymmetricEigen(absl::MakeSpan(seen), absl::MakeSpan(turn), absl::MakeSpan(values))) return;
  const double most = *std::max_element(values.begin(), values.end());
  if (!(most > 0.0)) return;
  double log_sum = 0.0;
  for (double& value : values) {
    value = std::max(value / most, 1.0 / condition);
    log_sum += PortableLog(value);
  }
  const double middle = PortableExp(log_sum / static_cast<double>(n));
  std::vector<double> axes(n * n, 0.0);  // row j: eigenvector j of what is seen, in coordinates
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) {
      for (size_t j = 0; j < n; ++j) axes[j * n + i] += root[i * n + k] * turn[k * n + j];
    }
  }
  std::fill(covariance_.begin(), covariance_.end(), 0.0);
  for (size_t j = 0; j < n; ++j) {
    AddWeighted(middle / values[j], absl::MakeConstSpan(axes).subspan(j * n, n));
  }
  Refactor();
}

void MetricModel::BeginUpdate(const MetricRates& rates) {
  const double keep = 1.0 - rates.rank_one - rates.weighted;
  for (double& entry : covariance_) entry *= keep;
}

void MetricModel::AddWeighted(double weight, absl::Span<const double> y) {
  const size_t n = dimension();
  for (size_t i = 0; i < n; ++i) {
    const double wy = weight * y[i];
    if (!full_) {
      covariance_[i] += wy * y[i];
      continue;
    }
    double* row = covariance_.data() + i * n;
    for (size_t j = 0; j <= i; ++j) row[j] += wy * y[j];
  }
}

void MetricModel::FinishUpdate(const MetricRates& rates, absl::Span<const double> shift,
                               double path_scale) {
  const size_t n = dimension();
  ++generation_;
  std::vector<double> white(n);
  Whiten(shift, absl::MakeSpan(white));
  const double cs = rates.path_radius;
  const double gain = std::sqrt(cs * (2.0 - cs)) * path_scale;
  for (size_t i = 0; i < n; ++i) path_radius_[i] = (1.0 - cs) * path_radius_[i] + gain * white[i];

  const double length = Norm(path_radius_);
  const double grown = 1.0 - PortablePow(1.0 - cs, 2.0 * static_cast<double>(generation_));
  const bool steady =
      length / std::sqrt(grown) < (1.4 + 2.0 / (static_cast<double>(n) + 1.0)) * rates.chi;
  const double cc = rates.path_metric;
  const double metric_gain = steady ? std::sqrt(cc * (2.0 - cc)) * path_scale : 0.0;
  for (size_t i = 0; i < n; ++i) {
    path_metric_[i] = (1.0 - cc) * path_metric_[i] + metric_gain * shift[i];
  }
  // A path cut short loses variance; the old metric makes up for it, if some of it is kept.
  const double make_up = steady ? 1.0
                                : 1.0 + rates.rank_one * cc * (2.0 - cc) /
                                            std::max(0.1, 1.0 - rates.rank_one - rates.weighted);
  if (make_up != 1.0) {
    for (double& entry : covariance_) entry *= make_up;
  }
  AddWeighted(rates.rank_one, path_metric_);
  radius_ *= PortableExp(std::min(1.0, cs / rates.damping * (length / rates.chi - 1.0)));
  Decompose(rates);
}

void MetricModel::ScaleDiagonal() {
  for (size_t i = 0; i < dimension(); ++i) {
    scale_[i] = std::sqrt(std::max(covariance_[i], kSmallestEigenvalue));
  }
}

void MetricModel::Decompose(const MetricRates& rates) {
  const size_t n = dimension();
  if (!full_) return ScaleDiagonal();
  const double lag = 1.0 / ((rates.rank_one + rates.weighted) * static_cast<double>(n) * 5.0);
  if (static_cast<double>(generation_ - decomposed_) < lag) return;
  Refactor();
}

void MetricModel::Refactor() {
  const size_t n = dimension();
  decomposed_ = generation_;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) covariance_[j * n + i] = covariance_[i * n + j];
  }
  std::vector<double> work = covariance_;
  // A metric that cannot be taken apart keeps its last shape.
  if (!SymmetricEigen(absl::MakeSpan(work), absl::MakeSpan(basis_), absl::MakeSpan(scale_))) return;
  for (double& value : scale_) value = std::sqrt(std::max(value, kSmallestEigenvalue));
}

void MetricModel::Save(ByteWriter& writer) const {
  writer.F64(radius_);
  writer.I64(generation_);
  writer.I64(decomposed_);
  for (const auto* part : {&covariance_, &path_metric_, &path_radius_}) writer.Doubles(*part);
  if (!full_) return;  // the scale of a diagonal follows from it
  writer.Doubles(basis_);
  writer.Doubles(scale_);
}

bool MetricModel::Restore(ByteReader& reader) {
  radius_ = reader.F64();
  generation_ = reader.I64();
  decomposed_ = reader.I64();
  std::vector<std::vector<double>*> parts = {&covariance_, &path_metric_, &path_radius_};
  if (full_) parts.insert(parts.end(), {&basis_, &scale_});
  for (std::vector<double>* part : parts) {
    std::vector<double> values = reader.Doubles();
    if (!reader.ok() || values.size() != part->size()) return false;
    *part = std::move(values);
  }
  if (!full_) ScaleDiagonal();
  return generation_ >= 0 && decomposed_ >= 0 && decomposed_ <= generation_;
}

}  // namespace polystep
