// Factors on the radii of a schedule, from how the search goes.
//
// Adaptive (PolyStep's adaptive radius), on the step's mean loss L and the one before, L':
//   |L - L'| / (|L'| + 1e-10) < 1e-4 in 10 steps running: m = min(1.5 m, 3); L < L': m = max(0.9 m,
//   0.5). It scales steps and probes.
// Trust region, on the losses of two centers and what the quadratic model predicted of the move
// between them: rho = clamp(actual / predicted, -2, 5); rho < 0: m /= 4; rho > 0.75 and a predicted
// decrease: m *= 1.5; rho < 0.25: m /= 2; m in [0.1, 3]. It scales steps alone. (The reference
// compares least vertex losses under two rotations; the center's own loss is sound.)
// One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_RADIUS_CONTROL_H_
#define POLYSTEP_CORE_METHOD_RADIUS_CONTROL_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "core/base/bytes.h"
#include "core/transport/softmax.h"

namespace polystep {

enum class RadiusControl : uint8_t {
  kSchedule = 0,  // the schedules alone
  kAdaptive = 1,
  kTrustRegion = 2,
};

// Mean of the feasible losses, what the adaptive radius looks at; nothing if there is none.
std::optional<double> MeanLoss(absl::Span<const double> losses, absl::Span<const Outcome> outcomes);

struct AdaptiveRadius {
  double multiplier = 1.0;
  int stagnant_steps = 0;
  std::optional<double> previous_loss;

  // Takes the mean loss of a step. `patience` is the number of stagnant steps that widen.
  void Observe(double loss, int patience = 10);
};

// The next multiplier of a trust region.
double NextTrustRegion(double multiplier, double predicted, double actual);

struct TrustRegion {
  double multiplier = 1.0;
  // Of the move that is to be judged: the loss of the center it left, and the change predicted.
  std::optional<double> left_loss;
  double predicted = 0.0;

  // The loss of the center it arrived at; nothing if that is not known.
  void Judge(std::optional<double> arrived_loss);
};

// The one that a method was given, with its state.
class RadiusMultiplier {
 public:
  explicit RadiusMultiplier(RadiusControl control) : control_(control) {}

  double OfSteps() const;
  double OfProbes() const;

  // Before a step's move: the loss of the center it leaves, which is where the last one arrived.
  void Arrive(std::optional<double> center_loss);
  // After it: what the model makes of the move.
  void Expect(double predicted, std::optional<double> center_loss);
  // At the end: the mean loss of the step, nothing where none was answered.
  void EndStep(std::optional<double> mean_loss);

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  RadiusControl control_;
  AdaptiveRadius adaptive_;
  TrustRegion trust_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_RADIUS_CONTROL_H_
