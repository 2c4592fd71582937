// POLYSTEP_BLOCK: one solution cut into blocks of `particle_dim` coordinates; every block is a
// particle, a candidate is the solution with one block replaced. All blocks move at once.
//
// PolyStep's optimizer (arXiv 2605.01928), monolithic:
//   probe(i,v,k) = x_i + k/(K+1) r_p R_i u_v,   C_iv = mean_k F(probe),   W = solver(-S/epsilon),
//   x_i += r_s R_i sum_v W_iv u_v.
// Radii are absolute (the reference multiplies plain numbers by epsilon). The last block is padded;
// padding is probed and ignored. Index order: the center where it is evaluated, then block, vertex,
// probe. Around it compose: the coordinates (subspace.h), the solver (transport_weights.h), a
// quadratic model that refines moves (probe_model.h), what is made of displacements
// (accumulator.h), factors on the radii (radius_control.h), rotations that repeat the last move.
#ifndef POLYSTEP_CORE_METHOD_BLOCK_H_
#define POLYSTEP_CORE_METHOD_BLOCK_H_

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/frames/polytope.h"
#include "core/method/accumulator.h"
#include "core/method/probe_means.h"
#include "core/method/probe_model.h"
#include "core/method/radius_control.h"
#include "core/method/rotation_tile.h"
#include "core/method/step_rule.h"
#include "core/method/vertex_weights.h"
#include "core/schedule/schedule.h"
#include "core/subspace/subspace.h"

namespace polystep {

// Coordinates of a block, at most.
inline constexpr uint32_t kMaxBlock = 16;

struct BlockOptions {
  Polytope polytope = Polytope::kOrthoplex;
  uint32_t particle_dim = 2;
  uint32_t probes = 1;
  TransportOptions transport;
  Schedule step_radius;
  Schedule probe_radius;
  AccumulatorOptions accumulator;
  RadiusControl radius_control = RadiusControl::kSchedule;  // kTrustRegion needs the model
  bool quadratic_model = false;
  bool biased_rotation = false;
  std::optional<HybridOptions> subspace;
  uint32_t redraw_every = 0;  // steps of a basis; 0: the first stays
};

// displacement = distance R u.
void ProbeDisplacement(absl::Span<const double> rotation, absl::Span<const double> vertex,
                       double distance, absl::Span<double> displacement);

class BlockRule : public StepRule {
 public:
  BlockRule(RuleContext context, BlockOptions options);

  StepShape Shape() const override;
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  // A direction of a subspace changes whole tensors.
  uint32_t ChangeWidth() const override { return subspace_.is_whole() ? options_.particle_dim : 0; }
  void Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
               absl::Span<double> values) const override;
  StepLengths Update(const StepAnswers& answers) override;
  absl::Span<const double> center() const override { return center_; }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  // What an update knows of its step.
  struct Step {
    int64_t step = 0;
    uint32_t rows = 0;
    absl::Span<const double> losses;  // of the rows
    absl::Span<const Outcome> outcomes;
    absl::Span<const double> violations;  // empty if there are none
    std::optional<double> center_loss;
    double radius = 0.0;
    std::vector<double> distances;   // of the probes
    uint32_t first_row = 0;          // of `weights`
    std::vector<double> weights;     // rows x vertices, of some rows
    std::vector<ProbeModel> models;  // one a row, where moves are judged
    std::vector<double> moves;       // the next last_moves_
  };

  // From one candidate to the next: which it is, and what a row's candidates share.
  struct Walk {
    explicit Walk(RotationTile with_matrices) : tile(std::move(with_matrices)) {}
    RotationTile tile;
    std::vector<double> distances;  // of the probes
    uint32_t row = 0, vertex = 0, probe = 0;
    uint32_t last_row = 0;  // that will be asked for
    uint32_t rotated_row = ~0u;
    std::array<double, kMaxBlock * kMaxBlock> rotation;  // of that row, dim x dim
  };

  uint32_t blocks() const;
  SearchSpace::Range BlockOf(uint32_t row) const;  // the last one may be shorter
  // For `count` candidates from `first` on, none of them the center.
  Walk WalkFrom(uint32_t first, size_t count) const;
  // The displacement of the candidate that `walk` is at, which goes on to the next.
  void Displace(int64_t step, Walk& walk, absl::Span<double> displacement) const;
  bool EvaluatesCenter() const;
  // Those of `count` <= kLanes blocks from `first` on, from (seed, step, block) and, where biased,
  // their last moves.
  void DrawRotations(int64_t step, uint32_t first, uint32_t count, RotationTile& tile) const;
  RotationTile TileOf(bool matrices) const;
  std::vector<double> ProbeDistances() const;  // from the center

  Step Read(const StepAnswers& answers) const;
  // Weights of `count` rows from `first` on, all of them where they cannot be had in parts.
  void SolveWeights(uint32_t first, uint32_t count, Step& step);
  std::optional<double> MeanOfVertices(const Step& step) const;
  // Solves and moves rows of a usual step kSoftmaxRows at a time, as far as they can be; how many
  // of the `count` that were.
  uint32_t MoveInLanes(uint32_t first, uint32_t count, const Step& step);
  class Ahead;  // what the rows after those need
  // Moves kLanes rows from `row` on by `weights`, vertices x kSoftmaxRows.
  void MoveTileOf(int64_t step, uint32_t row, const double* weights, double radius, Ahead& ahead,
                  RotationTile& tile);
  // Moves those rows by their weights. `taken` gets the moves where it is not empty.
  void MoveRows(uint32_t first, uint32_t count, Step& step, absl::Span<double> taken);
  // Displacements of blocks are taken as they are, where all of their answers are losses.
  bool TakesPlainly() const;
  // Makes of the solver's displacement of a block the one that is taken, and takes it.
  void TakeMove(const RotationTile& tile, uint32_t row, Step& step, absl::Span<double> displacement,
                absl::Span<double> taken);
  void Refine(const RotationTile& tile, uint32_t row, Step& step, absl::Span<double> displacement);
  double PredictedOf(const Step& step, absl::Span<const double> taken) const;
  void RedrawIfDue();

  RuleContext context_;
  BlockOptions options_;
  std::vector<double> vertices_;  // V x particle_dim
  uint32_t vertex_count_ = 0;
  std::vector<double> scales_;  // of the probes

  std::vector<double> center_;
  int64_t updates_ = 0;  // the schedules' t
  Subspace subspace_;    // its bases are of updates_ / redraw_every
  VertexWeights weights_;
  Accumulator accumulator_;
  RadiusMultiplier radius_;
  std::vector<double> last_moves_;  // blocks x particle_dim, where rotations are biased
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_BLOCK_H_
