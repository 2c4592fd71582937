// POLYSTEP_FLIP: one solution of bits. A step asks for the loss of the solution and of a random
// share of its single flips, and takes many of them at once.
//
// With d_i = (loss with bit i flipped) - (loss of the center) every asked bit flips with chance
//   q / (1 + exp(d_i / (epsilon s))),
// heat-bath transitions (Glauber 1963) of a random share of the bits together, with s the mean
// magnitude of recent differences that are not zero, so that no unit enters. epsilon falls from
// simulated-annealing heights (Kirkpatrick et al., Science 1983) to almost nothing, in cycles. The
// damping q answers to the interaction of flips taken together: it falls while the center's loss
// rises by more than half of the sum of |d_i| above what the d_i add up to, and grows otherwise.
//
// A sweep asks for every bit once, in a new pseudo-random order. Row 0 is the center, the others
// flip one bit each. A center that turns out infeasible, or violates constraints, goes back and
// moves less; a first one that violates them takes flips that lower the violation. State: O(bits).
#ifndef POLYSTEP_CORE_METHOD_FLIP_H_
#define POLYSTEP_CORE_METHOD_FLIP_H_

#include <vector>

#include "core/method/step_rule.h"
#include "core/random/permutation.h"
#include "core/schedule/schedule.h"

namespace polystep {

// Every coordinate is a parameter or a tensor element of two values.
bool IsBinary(const SearchSpace& space);

struct FlipOptions {
  uint32_t flips = 1;  // of a step, at most as many as there are bits
  Schedule epsilon;    // temperature, in mean differences
};

class FlipRule : public StepRule {
 public:
  // The space is binary.
  FlipRule(RuleContext context, FlipOptions options);

  StepShape Shape() const override { return {1 + options_.flips, 1, 1}; }
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  uint32_t ChangeWidth() const override { return 1; }
  void Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
               absl::Span<double> values) const override;
  // Lengths in bits: how many moved, and 1.
  StepLengths Update(const StepAnswers& answers) override;
  absl::Span<const double> center() const override { return center_; }
  const Bits* center_bits() const override { return &bits_; }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  // What the last move should have changed, to compare with what it did.
  struct Move {
    bool known = false;  // there was one, from a center with a loss
    double loss = 0.0;   // before
    double expected = 0.0;
    double magnitude = 0.0;
    std::vector<uint32_t> bits;
  };

  Permutation Order(int64_t sweep) const;
  // Calls visit(row, bits) for runs of rows that begin with `row`, of rows [first, first + count)
  // of the next step, none of them the center: a run has one bit a row, kBitsTogether at most.
  template <class Visit>
  void ForRuns(uint32_t first, uint32_t count, Visit visit) const;
  // The same row by row: visit(row, bit).
  template <class Visit>
  void ForBits(uint32_t first, uint32_t count, Visit visit) const;
  void Flip(uint32_t bit);
  void LearnScale(const StepAnswers& answers);
  void AdaptDamping(double loss);
  void TakeFlips(const StepAnswers& answers);
  bool TakeBack();
  void LeaveInfeasible(const StepAnswers& answers);
  void LeaveViolation(const StepAnswers& answers);

  RuleContext context_;
  FlipOptions options_;

  Bits bits_;                   // the solution
  std::vector<double> center_;  // and its coordinates
  int64_t updates_ = 0;         // the schedule's t
  int64_t asked_ = 0;           // flips, over all steps: a sweep after the other
  double damping_ = 1.0;
  // Sums over recent differences and moves.
  double difference_sum_ = 0.0;
  double difference_count_ = 0.0;
  double surprise_sum_ = 0.0;
  double magnitude_sum_ = 0.0;
  Move move_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_FLIP_H_
