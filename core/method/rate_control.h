// Rates found while searching: a factor for every group of coordinates, as a tensor.
//
// Where successive directions agree, longer moves would have been better; where they turn back,
// shorter ones. With z = sum g m / sqrt(sum (g m)^2) over the group's coordinates, g the new
// direction and m those accumulated before it, about standard normal if they have nothing to do
// with each other,
//   factor *= exp(0.02 clamp(z - 0.3, -3, 3)),  factor in [1, 32].
// It does not fall below 1: the noise of directions would stop a search long before it has to, and
// rates that end it are the schedule's.
// The hypergradient of Baydin et al. (ICLR 2018), freed of its unit by its own noise, which
// directions of few evaluations have plenty of. No evaluation is asked for it. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_RATE_CONTROL_H_
#define POLYSTEP_CORE_METHOD_RATE_CONTROL_H_

#include <cstddef>
#include <vector>

#include "core/base/bytes.h"
#include "core/method/adam.h"

namespace polystep {

class RateControl {
 public:
  explicit RateControl(size_t groups) : factors_(groups, 1.0), sums_(groups) {}

  double factor(size_t group) const { return factors_[group]; }
  // Over all groups, the geometric mean.
  double mean() const;

  // Of a part of the group's coordinates; in a fixed order of the parts.
  void Add(size_t group, const Agreement& agreement);
  void EndStep();

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  std::vector<double> factors_;
  std::vector<Agreement> sums_;  // of this step
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_RATE_CONTROL_H_
