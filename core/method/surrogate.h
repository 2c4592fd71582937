// A second source of candidates beside the frames: the minimiser of a quadratic model of the losses
// around the best point, inside a trust radius that moves with success (Conn, Gould & Toint,
// Trust-Region Methods, 2000; as a global surrogate beside CMA-ES: Hansen, GECCO 2019).
//
// Where proposals are better than all before, the curvature of the model shapes the metric and
// frames shrink to the length of the proposals; where they are not, they pause for longer and
// longer. Coordinates are those the metric moves; losses are noise-free.
//
// The model is full once there are points enough. Before, and where the metric is full, its
// curvature is a sum of the metric's and of the one the metric started from, which knows no
// coordinates: what a search costs does not depend on how its losses are turned. A plain value; one
// owner at a time.
#ifndef POLYSTEP_CORE_METHOD_SURROGATE_H_
#define POLYSTEP_CORE_METHOD_SURROGATE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"
#include "core/method/metric_model.h"
#include "core/method/quadratic_model.h"

namespace polystep {

// A full quadratic has (n + 1)(n + 2) / 2 coefficients and costs their cube: above this dimension
// the model is diagonal along the coordinates, and above the second one there is none.
inline constexpr size_t kMaxFullSurrogate = 40;
inline constexpr size_t kMaxSurrogate = 256;

class Surrogate {
 public:
  explicit Surrogate(size_t dimension);

  // Forgets everything, for a new start.
  void Reset();

  // A point that was answered with a loss. The oldest is forgotten.
  void Add(absl::Span<const double> point, double loss);

  // Once a step: displacements from `base`, the best point, that are worth an evaluation: the
  // minimiser within the trust radius and one closer to the base; `count` of them or none.
  std::vector<std::vector<double>> Propose(const MetricModel& metric, absl::Span<const double> base,
                                           double base_loss, size_t count);

  // What became of the last proposals: whether one was better than the base.
  void Judge(bool better, MetricModel& metric);

  // None was answered, which says nothing of them: the next, one step later, need no new points.
  void TryAgain();

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  // Points near the base in the metric, |z| <= 1 in units of `unit` radii, best first.
  struct Sample {
    double unit = 0.0;
    std::vector<double> z;
    std::vector<double> values;
    std::vector<double> weights;
  };
  // Of models with few points.
  QuadraticForm FirstForm() const {
    return full_allowed_ ? QuadraticForm::kRound : QuadraticForm::kDiagonal;
  }
  bool Select(QuadraticForm form, const MetricModel& metric, absl::Span<const double> base,
              double base_loss, Sample& sample) const;
  bool Fit(const MetricModel& metric, absl::Span<const double> base, double base_loss,
           QuadraticModel& model, double& unit);

  size_t dimension_;
  bool full_allowed_;
  size_t capacity_;

  std::vector<double> points_;  // a ring once it is full
  std::vector<double> losses_;
  uint64_t oldest_ = 0;
  uint64_t added_ = 0;  // since the last full model

  double trust_ = 0.0;  // in radii times sqrt(n), the length of a frame's vertices
  uint32_t wait_ = 0;   // steps without proposals to come
  uint32_t pause_ = 1;  // their number after the next failure

  // Of the last proposals.
  double length_ = 0.0;          // in the units of trust_
  bool bounded_ = false;         // by the trust radius
  std::vector<double> hessian_;  // of the full model, in coordinates; else empty
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_SURROGATE_H_
