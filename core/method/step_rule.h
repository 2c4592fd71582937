// How the candidates of a step are made and how its losses move the particles: one per method.
//
// A rule owns the moving part of a study's state. Its candidates are a pure function of (state,
// seed, step, index); its update one of (state, answers). Search (core/search) adds what all
// methods share: plans, repeats, scores, memory, the incumbent. One owner at a time.
#ifndef POLYSTEP_CORE_METHOD_STEP_RULE_H_
#define POLYSTEP_CORE_METHOD_STEP_RULE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "core/base/bits.h"
#include "core/base/bytes.h"
#include "core/space/search_space.h"
#include "core/transport/merit.h"
#include "core/transport/softmax.h"

namespace polystep {

// Evaluations of a step: single points first, then rows x vertices x probes, in this index order.
struct StepShape {
  uint32_t rows = 0;
  uint32_t vertices = 1;
  uint32_t probes = 1;
  uint32_t points = 0;  // a step has all of them or does not open

  uint32_t row_size() const { return vertices * probes; }
  uint32_t count() const { return points + rows * row_size(); }
};

// One answer an index; rows may be fewer than the shape's (they are dropped from the end).
struct StepAnswers {
  int64_t step = 0;
  uint32_t rows = 0;
  absl::Span<const double> losses;
  absl::Span<const Outcome> outcomes;
  absl::Span<const double> violations = {};  // empty if no outcome is kViolation

  Merit merit(size_t index) const { return MeritOf(index, losses, outcomes, violations); }
};

struct StepLengths {
  double step_radius = 0.0;     // of the move, with what controls it
  double probe_distance = 0.0;  // mean distance of the probes from where they belong
  double linear_rate = 0.0;     // eta, see LinearRate in barycenter.h
};

struct RuleContext {
  std::shared_ptr<const SearchSpace> space;
  uint64_t seed = 0;
  bool noisy = false;  // losses of one point differ between steps
};

// Candidates of a run of rows, each row a frame: the center with the coordinates of a frame moved
// along pseudo-normal directions (core/random/pseudo_normal.h). Candidate m of the run is of frame
// f = (first_in_frame + m) / candidates_per_frame; coordinate i of that frame becomes, as float,
//   center + sum_j factors[m directions + j] PseudoNormal(seed, (first_frame + f) directions + j,
//   i).
struct FrameMoves {
  uint64_t seed = 0;
  uint32_t directions = 0;  // of a frame
  uint32_t first_frame = 0;
  uint32_t first_in_frame = 0;
  uint32_t candidates_per_frame = 1;
  std::vector<SearchSpace::Range> frames;
  std::vector<float> factors;
};

class StepRule {
 public:
  virtual ~StepRule() = default;

  // Of the next step.
  virtual StepShape Shape() const = 0;

  // Candidates [first, first + count) of `step`, row-major, inside the space.
  virtual void Candidates(int64_t step, uint32_t first, uint32_t count,
                          absl::Span<double> out) const = 0;

  // Coordinates that a candidate has different from center(), at most: what Changes() gives. 0
  // where candidates have to be taken whole.
  virtual uint32_t ChangeWidth() const { return 0; }

  // Candidate first + n is center() with the coordinates of ranges[n] replaced by the first
  // ranges[n].size of values[n * ChangeWidth()], ...; bit for bit what Candidates() gives. Costs
  // what changes, not the dimension. Only with a ChangeWidth() above 0.
  virtual void Changes(int64_t /*step*/, uint32_t /*first*/,
                       absl::Span<SearchSpace::Range> /*ranges*/,
                       absl::Span<double> /*values*/) const {}

  // Whether candidates can be told as FrameMoves, bit for bit what Candidates() gives.
  virtual bool HasFrames() const { return false; }
  virtual FrameMoves Frames(int64_t /*step*/, uint32_t /*first*/, uint32_t /*count*/) const {
    return {};
  }

  virtual StepLengths Update(const StepAnswers& answers) = 0;

  virtual absl::Span<const double> center() const = 0;

  // What center() stands for where every coordinate of it and of all candidates is a bit
  // (core/space/bit_coordinates.h), by the nature of the rule; else null.
  virtual const Bits* center_bits() const { return nullptr; }

  // Starts from another point inside the space; only before the first update.
  virtual void StartAt(absl::Span<const double> center) = 0;

  virtual void Save(ByteWriter& writer) const = 0;
  // False if the bytes do not fit this rule; the rule is then unusable.
  virtual bool Restore(ByteReader& reader) = 0;

 protected:
  // Candidates() of a rule that gives Changes().
  void WholeCandidates(int64_t step, uint32_t first, uint32_t count, absl::Span<double> out) const;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_STEP_RULE_H_
