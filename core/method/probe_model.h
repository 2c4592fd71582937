// A quadratic model of the loss around one particle, from the probes of its polytope, and the
// Newton step it suggests.
//
// In the axes of the particle's rotation, with probes at distances delta_k of the unit vertices
// u_v:
//   g = sum_k delta_k^2 g_k / sum_k delta_k^2,  g_k = d / (V delta_k) U^T (C_k - mean C_k),
// the least-squares gradient (tight frames: U^T U = V/d I; antipodal pairs: central differences).
// Curvature H is the slope of mean losses m_k over delta_k^2 / 2: per axis from the mean of its
// pair (orthoplex), else one number from the mean of all vertices. One probe takes the loss L of
// the center instead: H = 2 (m - L) / delta^2. (PolyStep's quadratic model for K >= 2; later
// versions' for K = 1 with the center's loss.) Pure functions.
#ifndef POLYSTEP_CORE_METHOD_PROBE_MODEL_H_
#define POLYSTEP_CORE_METHOD_PROBE_MODEL_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/frames/polytope.h"
#include "core/transport/softmax.h"

namespace polystep {

// Losses of one particle: vertices x probes, row-major.
struct ProbedLosses {
  absl::Span<const double> losses;
  absl::Span<const Outcome> outcomes;
  std::optional<double> center;  // its loss, where it is known
};

struct ProbePattern {
  Polytope polytope = Polytope::kOrthoplex;
  absl::Span<const double> vertices;   // V x dim
  absl::Span<const double> distances;  // of the probes, K >= 1
};

// Of one particle, per axis of its rotation.
struct ProbeModel {
  std::vector<double> gradient;
  std::vector<double> curvature;
  std::vector<bool> known;  // an axis whose probes are not all losses has no model
};

// dim / (V distance) U^T (C - mean C): `vertices` V x dim, `losses` of size V.
void FrameGradient(absl::Span<const double> vertices, double distance,
                   absl::Span<const double> losses, absl::Span<double> gradient);

ProbeModel FitProbes(const ProbePattern& pattern, const ProbedLosses& probed);

// -g / max(H, 1e-4) per axis, shortened to `longest`; an axis without a model takes `otherwise`.
void NewtonStep(const ProbeModel& model, double longest, absl::Span<const double> otherwise,
                absl::Span<double> step);

// g.s + s.H.s / 2 over the axes with a model.
double PredictedChange(const ProbeModel& model, absl::Span<const double> step);

// 0.7 of the barycentric move and 0.3 of the Newton step of at most half the radius, where the
// model says that it is no worse. In place, in the axes of the rotation.
void RefineMove(const ProbeModel& model, double radius, absl::Span<double> move);

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_PROBE_MODEL_H_
