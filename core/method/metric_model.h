// The learned metric of POLYSTEP_METRIC: a radius and a covariance C that shape the frame, adapted
// by cumulative paths as in CMA-ES (Hansen, arXiv 1604.00772), with the path lengths calibrated to
// a polytope's vertices instead of normal samples.
//
// Full (dim x dim, own eigensolver) or diagonal. A plain value; one owner at a time.
#ifndef POLYSTEP_CORE_METHOD_METRIC_MODEL_H_
#define POLYSTEP_CORE_METHOD_METRIC_MODEL_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"

namespace polystep {

// Learning rates of (dimension, effective mass), CMA-ES defaults; a diagonal metric learns
// (dimension + 2) / 3 times faster (Ros & Hansen, PPSN 2008).
struct MetricRates {
  double path_radius = 0.0;  // c_sigma
  double damping = 0.0;      // d_sigma
  double path_metric = 0.0;  // c_c
  double rank_one = 0.0;     // c_1
  double weighted = 0.0;     // c_mu
  double chi = 0.0;          // expected length of a standard normal vector
};
MetricRates RatesOf(size_t dimension, double mass, bool full);

class MetricModel {
 public:
  // C starts as the diagonal of extents squared.
  MetricModel(bool full, double radius, std::vector<double> extents);

  size_t dimension() const { return extents_.size(); }
  bool full() const { return full_; }
  double radius() const { return radius_; }
  int64_t generation() const { return generation_; }
  double Deviation(size_t i) const;  // radius * sqrt(C_ii)

  // y = C^(1/2) z, and its inverse followed by the rotation back: C^(-1/2) y.
  void Shape(absl::Span<const double> z, absl::Span<double> y) const;
  void Whiten(absl::Span<const double> y, absl::Span<double> out) const;

  // Displacements to coordinates along the metric's axes in radii, z = scale^-1 B^T x / radius, and
  // back; a Hessian in z as one in x, times the radius squared. Full metrics only.
  void ToAxes(absl::Span<const double> x, absl::Span<double> z) const;
  void FromAxes(absl::Span<const double> z, absl::Span<double> x) const;
  std::vector<double> FromAxesCurvature(absl::Span<const double> hessian) const;

  // The shape of C at the start, along the axes: M of |x / extents|^2 = z.Mz, scaled to a mean
  // eigenvalue of 1. Full metrics only.
  std::vector<double> StartInAxes() const;

  // Turns C towards the inverse of a Hessian in x (to a factor) at an unchanged volume: seen by the
  // metric, curvatures below 1/`condition` of the largest count as that, and C becomes
  // C^(1/2) H^-1 C^(1/2). Nothing happens where no curvature is positive. Full metrics only.
  void Bend(absl::Span<const double> hessian, double condition);

  // One generation. First every candidate's displacement (in units of the radius) with its weight,
  // then the shift of the center; `path_scale` makes a random shift a standard normal vector.
  void BeginUpdate(const MetricRates& rates);
  void AddWeighted(double weight, absl::Span<const double> y);
  void FinishUpdate(const MetricRates& rates, absl::Span<const double> shift, double path_scale);

  void Widen(double factor) { radius_ *= factor; }
  void Reset(double radius);

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  void ScaleDiagonal();
  void Decompose(const MetricRates& rates);
  void Refactor();

  bool full_;
  std::vector<double> extents_;

  double radius_ = 1.0;
  int64_t generation_ = 0;
  int64_t decomposed_ = 0;          // generation of basis_ and scale_
  std::vector<double> covariance_;  // dim x dim, or the diagonal
  std::vector<double> basis_;       // dim x dim, column j with scale_[j]; empty when diagonal
  std::vector<double> scale_;       // square roots of the eigenvalues
  std::vector<double> path_metric_;
  std::vector<double> path_radius_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_METRIC_MODEL_H_
