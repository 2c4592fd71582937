// What a method makes of a step's barycentric displacements before it takes them: nothing,
// momentum, or coasting on their average.
//
// With raw displacement d of a coordinate (PolyStep's momentum and amortised steps):
//   momentum: v = beta(t) v + d, taken instead of d;
//   coasting over k steps: E = 0.7 E + 0.3 d (E = d at first), and the k - 1 steps without
//   evaluations after a step, (1 - p/k) E for p = 1..k-1, are taken with it: (k - 1)/2 E in all.
// An accumulator of second moments (Adam) would be a third. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_ACCUMULATOR_H_
#define POLYSTEP_CORE_METHOD_ACCUMULATOR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bytes.h"
#include "core/schedule/schedule.h"

namespace polystep {

struct AccumulatorOptions {
  std::optional<Schedule> momentum;  // beta(t) in [0, 1)
  uint32_t coast_steps = 1;          // k >= 1; 1: no coasting
};

// 1 - p/k of the p-th coasting step, p = counter mod k; nothing for p = 0, a step with evaluations.
std::optional<double> CoastDecay(uint32_t coast_steps, int64_t counter);

class Accumulator {
 public:
  Accumulator(AccumulatorOptions options, size_t size);

  bool active() const { return options_.momentum.has_value() || options_.coast_steps > 1; }

  // Turns the raw displacements of coordinates [first, first + displacement.size()) at schedule
  // step t into those to take. Call once a step for every coordinate that was answered, then
  // EndStep.
  void Take(int64_t t, size_t first, absl::Span<double> displacement);
  void EndStep() { started_ = true; }

  // Forgets everything: what was accumulated is of other coordinates.
  void Clear();

  void Save(ByteWriter& writer) const;
  bool Restore(ByteReader& reader);

 private:
  AccumulatorOptions options_;
  double coast_ = 0.0;  // sum of the decays
  bool started_ = false;
  std::vector<double> velocity_;  // where there is momentum
  std::vector<double> average_;   // where there is coasting
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_ACCUMULATOR_H_
