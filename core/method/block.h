// POLYSTEP_BLOCK: one solution cut into blocks of `particle_dim` coordinates; every block is a
// particle, a candidate is the solution with one block replaced. All blocks move at once.
//
// PolyStep's optimizer (arXiv 2605.01928), full space, monolithic:
//   probe(i,v,k) = x_i + k/(K+1) r_p R_i u_v,   C_iv = mean_k F(probe),   W = softmax(-S/epsilon),
//   x_i += r_s R_i sum_v W_iv u_v.
// Radii are absolute (the reference multiplies plain numbers by epsilon). The last block is padded;
// padding is probed and ignored. Index order: block, vertex, probe.
#ifndef POLYSTEP_CORE_METHOD_BLOCK_H_
#define POLYSTEP_CORE_METHOD_BLOCK_H_

#include <vector>

#include "core/frames/polytope.h"
#include "core/method/step_rule.h"
#include "core/schedule/schedule.h"

namespace polystep {

struct BlockOptions {
  Polytope polytope = Polytope::kOrthoplex;
  uint32_t particle_dim = 2;
  uint32_t probes = 1;
  Schedule epsilon;
  Schedule step_radius;
  Schedule probe_radius;
  LossScale loss_scale = LossScale::kRowDeviation;
  double loss_scale_constant = 1.0;
};

// Means over the probes of each vertex: `losses`, `outcomes` and `violations` (which may be empty)
// are vertices x probes, row-major. An infeasible probe makes its vertex infeasible, else a missing
// one makes it missing, else a violation gives it the mean violation.
struct VertexAnswers {
  std::vector<double> losses;
  std::vector<Outcome> outcomes;
  std::vector<double> violations;  // empty if `violations` was
};
VertexAnswers MeanOverProbes(uint32_t probes, absl::Span<const double> losses,
                             absl::Span<const Outcome> outcomes,
                             absl::Span<const double> violations = {});

// Coordinates of a block, at most.
inline constexpr uint32_t kMaxBlock = 16;

// block += distance R u. A block at the end of the space may be shorter than dim: the padding is
// dropped.
void ProbeBlock(absl::Span<const double> rotation, absl::Span<const double> vertex, double distance,
                absl::Span<double> block);

// block += radius R sum_v w_v u_v.
struct BlockMove {
  absl::Span<const double> rotation;
  absl::Span<const double> vertices;
  absl::Span<const double> weights;
  double radius = 0.0;
};
void MoveBlock(const BlockMove& move, absl::Span<double> block);

class BlockRule : public StepRule {
 public:
  BlockRule(RuleContext context, BlockOptions options);

  StepShape Shape() const override;
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  uint32_t ChangeWidth() const override { return options_.particle_dim; }
  void Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
               absl::Span<double> values) const override;
  StepLengths Update(const StepAnswers& answers) override;
  absl::Span<const double> center() const override { return center_; }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  uint32_t blocks() const;
  SearchSpace::Range BlockOf(uint32_t row) const;  // the last one may be shorter
  // dim x dim of block `row`, from (seed, step, row).
  void Rotation(int64_t step, uint32_t row, absl::Span<double> rotation) const;

  RuleContext context_;
  BlockOptions options_;
  std::vector<double> vertices_;  // V x particle_dim
  uint32_t vertex_count_ = 0;
  std::vector<double> scales_;  // of the probes

  std::vector<double> center_;
  int64_t updates_ = 0;  // the schedules' t
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_BLOCK_H_
