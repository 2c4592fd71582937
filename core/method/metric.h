// POLYSTEP_METRIC: one center, small random frames mapped through a learned metric.
//
// A step draws `frames` random orthonormal frames of k directions, puts the vertices +-L_j d_j of
// an orthoplex in each (L_j distributed as the length of a standard normal vector, shared by the
// antipodal pair), maps them through r C^(1/2), weights all candidates by the ranks of their losses
// and moves the center to their barycenter; paths of the move adapt r and C (metric_model.h). It
// starts over from a new point when the search has collapsed or stagnated.
//
// Candidates are clamped to the box and the clamped displacements enter the update, so the center
// stays inside and the metric learns what was really evaluated. Once lattice coordinates no longer
// leave their cells, half of the rows are local moves around the best point (lattice_moves.h), and
// the center jumps to what they find; in noisy studies the coordinates keep a smallest displacement
// instead. Index order: row, vertex.
#ifndef POLYSTEP_CORE_METHOD_METRIC_H_
#define POLYSTEP_CORE_METHOD_METRIC_H_

#include <optional>
#include <vector>

#include "core/method/lattice_moves.h"
#include "core/method/lattice_surrogate.h"
#include "core/method/metric_frame.h"
#include "core/method/metric_model.h"
#include "core/method/noise_rows.h"
#include "core/method/rank_weights.h"
#include "core/method/step_rule.h"
#include "core/method/surrogate.h"

namespace polystep {

// Up to here a metric is full by default and its frames are orthonormal; above, it is diagonal and
// directions are independent and nearly normal, so nearly orthogonal there.
inline constexpr int64_t kMaxFullMetric = 256;

// Restarts may double the rows of the first start this often.
inline constexpr uint32_t kMostDoublings = 4;

// At least half of the coordinates are lattices: more candidates a step, sharper weights and
// earlier restarts then pay off.
bool IsMostlyLattice(const SearchSpace& space);

struct MetricOptions {
  uint32_t frame_size = 2;    // k directions, 2k vertices
  uint32_t rows = 1;          // frames, or half of them local where there are lattice coordinates
  double temperature = 0.25;  // of ranks
  double radius = 0.3;        // initial, in extents of a coordinate
  bool restarts = true;
  bool sequential = false;  // proposals of the surrogate may be steps of one evaluation
};

class MetricRule : public StepRule {
 public:
  MetricRule(RuleContext context, MetricOptions options);

  StepShape Shape() const override;
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  StepLengths Update(const StepAnswers& answers) override;
  absl::Span<const double> center() const override { return center_; }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  // In a step of frames: a pair, so that no antipode is left alone.
  static constexpr uint32_t kMostProposals = 2;

  struct BestPoint {
    bool known = false;
    Merit merit;
    std::vector<double> point;  // kept where there are local moves or a surrogate

    void Save(ByteWriter& writer) const;
    bool Restore(ByteReader& reader, size_t dimension);
  };

  // Change of the active coordinate n when it moves by radius * sign * y, after clamping.
  double Displacement(size_t n, double signed_y) const;
  // By the first `framed` candidates, those of the frames.
  void Adapt(const StepAnswers& answers, const RankWeights& ranks, uint32_t framed);
  // Rows before this one are frames, the others local moves; a single row alternates.
  uint32_t frames() const {
    return local_ && frozen_ ? (rows_ + static_cast<uint32_t>(updates_ & 1)) / 2 : rows_;
  }
  void LocalCandidate(int64_t step, uint32_t row, uint32_t vertex, absl::Span<double> out) const;
  void FrameCandidate(int64_t step, uint32_t row, uint32_t vertex, absl::Span<double> out) const;
  // A step of one evaluation, the surrogate's.
  bool lone() const { return options_.sequential && !proposals_.empty(); }
  // The proposal that takes the place of this index, or null. In a step of frames they are the
  // first antipodal pair of the last row.
  const std::vector<double>* ProposalAt(uint32_t index) const;
  void Propose();
  void Remember(const StepAnswers& answers);
  void JudgeProposals(const StepAnswers& answers, const Merit& before);
  void MoveByFrames(const StepAnswers& answers);
  void RefreshFloors();
  void TrackBest(const StepAnswers& answers);
  bool RestoreModels(ByteReader& reader);
  bool Exhausted() const;
  void StartOver(int64_t step);

  RuleContext context_;
  std::vector<uint32_t> active_;    // coordinates with more than one value
  std::vector<Coordinate> bounds_;  // of these
  MetricOptions options_;
  LatticeMoves moves_;
  bool lattice_;
  bool local_;   // there are lattice coordinates and comparable losses: local moves make sense
  bool models_;  // comparable losses and not too many coordinates: a surrogate makes sense
  std::vector<double> first_center_;

  std::vector<double> center_;
  MetricModel model_;
  uint32_t rows_;  // grows with restarts, and with noise
  NoiseRows noise_rows_;
  uint32_t starts_ = 0;
  int64_t stale_ = 0;  // updates since this start's best loss
  int64_t flat_ = 0;   // updates in a row without any difference
  int64_t updates_ = 0;
  BestPoint start_best_;  // of this start
  BestPoint record_;      // of all starts
  bool jumps_ = false;    // the last update's best came from a local move or a proposal
  Surrogate surrogate_;   // of continuous spaces
  std::optional<LatticeSurrogate> mixed_;       // of those with lattice coordinates
  std::vector<std::vector<double>> proposals_;  // points of the next step, none, one or two

  // From center_ and model_.
  std::vector<double> inflation_;  // of displacements
  bool frozen_ = false;            // lattice coordinates no longer leave their cells by themselves
  mutable MetricFrame frame_;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_METRIC_H_
