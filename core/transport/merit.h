// How good an answer is, the one order of every comparison: feasible first, then by violation of
// constraints, then by loss. An infeasible answer stands behind every violation.
//
// A value. Pure.
#ifndef POLYSTEP_CORE_TRANSPORT_MERIT_H_
#define POLYSTEP_CORE_TRANSPORT_MERIT_H_

#include <cstddef>
#include <limits>

#include "absl/types/span.h"
#include "core/transport/softmax.h"

namespace polystep {

struct Merit {
  double violation = 0.0;  // 0: feasible; infinite: infeasible
  double loss = 0.0;

  bool feasible() const { return violation == 0.0; }

  // Better.
  friend bool operator<(const Merit& a, const Merit& b) {
    return a.violation != b.violation ? a.violation < b.violation : a.loss < b.loss;
  }
  friend bool operator==(const Merit&, const Merit&) = default;
};

// Of the answer at `index`, which is not missing. `violations` counts where the outcome is
// kViolation and may be empty where none is.
inline Merit MeritOf(size_t index, absl::Span<const double> losses,
                     absl::Span<const Outcome> outcomes, absl::Span<const double> violations) {
  switch (outcomes[index]) {
    case Outcome::kLoss:
      return {0.0, losses[index]};
    case Outcome::kViolation:
      return {violations[index], losses[index]};
    case Outcome::kMissing:
    case Outcome::kInfeasible:
      break;
  }
  return {std::numeric_limits<double>::infinity(), 0.0};
}

}  // namespace polystep

#endif  // POLYSTEP_CORE_TRANSPORT_MERIT_H_
