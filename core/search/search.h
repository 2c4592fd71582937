// The whole deterministic state of one study: optimizer, incumbent, answered points.
//
// A step opens with a plan, collects answers by index and closes; the next state is a function of
// (state, answers) alone. Nothing here knows of workers, leases, time or storage. Not thread-safe:
// one owner at a time. Random numbers are keyed by (seed, step, row).
#ifndef POLYSTEP_CORE_SEARCH_SEARCH_H_
#define POLYSTEP_CORE_SEARCH_SEARCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/method/step_rule.h"
#include "core/search/kept_point.h"
#include "core/search/optimizer_spec.h"
#include "core/space/search_space.h"
#include "core/transport/merit.h"

namespace polystep {

// Revision of everything a trajectory depends on. A change of any bit of it gets a new number.
inline constexpr int32_t kAlgorithmRevision = 4;

enum class Noise : uint8_t {
  kNone = 0,    // the loss is a function of the candidate
  kSeeded = 1,  // of the candidate and the evaluation seed
  kNoisy = 2,   // repeats differ
};

struct InitialPoint {
  Point point;
  std::optional<double> loss;  // as minimised
};

// The part of a study's spec that a trajectory depends on. Losses are always minimised here.
struct SearchSpec {
  std::vector<ParameterSpec> parameters;
  std::vector<TensorSpec> tensors;
  OptimizerSpec optimizer;
  uint64_t seed = 0;
  Noise noise = Noise::kNone;
  uint32_t repeats = 1;      // > 1 only with kSeeded or kNoisy
  uint32_t score_every = 0;  // steps between scores of the center; 0: automatic (kNone: never)
  std::vector<InitialPoint> initial_points;
  // Horizon of decaying schedules, fixed at creation from max_evaluations or max_steps; 0: none.
  int64_t horizon_evaluations = 0;
  int64_t horizon_steps = 0;
};

enum class Purpose : uint8_t { kSearch = 0, kScore = 1 };

// A run of indices that are evaluated under one seed. Index order inside is row, vertex, probe.
struct Segment {
  Purpose purpose = Purpose::kSearch;
  uint32_t first_index = 0;
  uint32_t rows = 0;
  uint32_t vertices = 1;
  uint32_t probes = 1;
  uint64_t evaluation_seed = 0;

  uint32_t count() const { return rows * vertices * probes; }
};

// An index whose answer needs no evaluation: answered before (`loss`, `outcome`), or equal to
// another index of this step (`alias_of`), whose answer it takes.
struct Reused {
  uint32_t index = 0;
  std::optional<uint32_t> alias_of;
  double loss = 0.0;
  Outcome outcome = Outcome::kMissing;
  double violation = 0.0;
};

struct StepPlan {
  int64_t step = 0;  // counts from 0
  std::vector<Segment> segments;
  std::vector<Reused> reused;  // by ascending index
  uint32_t count = 0;          // indices in all segments
};

struct Incumbent {
  double loss = 0.0;  // as minimised; of a score with kSeeded, a mean of scores with kNoisy
  int64_t step = 0;
  uint32_t index = 0;
  KeptPoint point;
  double violation = 0.0;  // above 0 as long as nothing feasible is known

  Merit merit() const { return {violation, loss}; }
};

// What one closed step was, for its record.
struct StepSummary {
  int64_t step = 0;
  uint32_t evaluations = 0;  // answered with a loss or infeasible, reused ones not counted
  uint32_t reused = 0;
  uint32_t infeasible = 0;
  uint32_t masked = 0;
  std::optional<double> best_loss;  // of this step's feasible search evaluations
  std::optional<double> mean_loss;
  std::optional<double> score;  // of the center, where it was scored
  double step_radius = 0.0;
  double probe_distance = 0.0;
  double linear_rate = 0.0;  // eta = r_s delta / (d epsilon s) where it is defined, else 0
  bool improved = false;     // the incumbent changed
};

class Search {
 public:
  // Resolves what is automatic and builds the state before step 0. Errors: INVALID_ARGUMENT with
  // the field path below the study spec ("optimizer.particles"). Uploaded start values are not
  // kept.
  static absl::StatusOr<Search> Create(SearchSpec spec);

  Search(Search&&) noexcept;
  Search& operator=(Search&&) noexcept;
  ~Search();

  const SearchSpec& spec() const;  // as given, but with the optimizer resolved
  const OptimizerSpec& effective_optimizer() const;
  std::shared_ptr<const SearchSpace> space() const;

  int64_t step() const;  // closed steps
  const std::optional<Incumbent>& best() const;
  // The step since which there is nothing better: the incumbent's, -1 without one. Of a NOISY
  // study, whose incumbent also moves on to scores that are as good, when it last got better for
  // certain.
  int64_t improved_step() const;
  absl::Span<const double> center() const;  // coordinates, size space()->dimension()
  // What center() stands for where the method knows nothing but bits, as POLYSTEP_FLIP; else null.
  const Bits* center_bits() const;
  int64_t steps_without_evaluation() const;  // in a row, up to now: the space may be exhausted

  // Opens the next step, offering at most `budget` evaluations (rows are dropped from its end; a
  // plan with count 0 means that not one row fits). Opening an open step returns the same plan.
  const StepPlan& Open(int64_t budget);
  bool is_open() const;

  // Coordinates of the candidates [first, first + count) of the open step, row-major, clamped to
  // the space. `out` has count x dimension values.
  void Candidates(uint32_t first, uint32_t count, absl::Span<double> out) const;

  // What sets the candidates of the open step apart from center(), where that is little: they
  // differ in at most ChangeWidth() neighbouring coordinates; 0 if they have to be taken whole.
  // Candidate first + n is center() with the coordinates of ranges[n] replaced by the first
  // ranges[n].size of values[n * ChangeWidth()], ...: bit for bit what Candidates() gives, at the
  // cost of what changes.
  uint32_t ChangeWidth() const;
  void Changes(uint32_t first, absl::Span<SearchSpace::Range> ranges,
               absl::Span<double> values) const;

  // Whether the candidates of the open step can be told as moves of frames around center(), and
  // those of [first, first + count), which lie in one segment; without frames they are the center.
  bool HasFrames() const;
  FrameMoves Frames(uint32_t first, uint32_t count) const;

  // Closes the open step. Both spans have plan().count entries; entries of reused indices are
  // filled in by this call, so that afterwards they are what the step's digest covers. The same
  // holds for `violations`, which are those of kViolation outcomes: empty or of the same size, and
  // grown to it where a reused index needs it. Null: none.
  StepSummary Close(absl::Span<double> losses, absl::Span<Outcome> outcomes,
                    std::vector<double>* violations = nullptr);

  // The state between steps (an open step is not part of it). Restore(Create(spec), Save()) is
  // equal in every later bit.
  std::string Save() const;
  absl::Status Restore(std::string_view saved);  // DATA_LOSS if it does not fit

 private:
  struct State;
  explicit Search(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_SEARCH_H_
