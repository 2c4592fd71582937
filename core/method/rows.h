// POLYSTEP_ROWS: one solution of real tensors; a particle is a row of a tensor, as the weights of
// one neuron. A step gives every row a fresh frame of few random directions, and a candidate is the
// solution with one row moved along one of them. All rows move at once.
//
//   probe(i, +-j) = x_i +- b_i r_p u_ij,   W = softmax(-S / epsilon) in the row, S its standardised
//   losses,   g_i = sum_j (W_i,+j - W_i,-j) u_ij,   x += Adam(g), rate q r_s / sqrt(size of row),
//   x *= 1 - l r_s
// with u_ij pseudo-normal numbers (core/random/pseudo_normal.h) over the square root of the row's
// size: of length 1 on average, nearly orthogonal, and made again anywhere from the step's seed. q
// is a factor of the row's tensor that follows how the search goes (rate_control.h); b_i grows from
// 1 while all losses of the row are equal, as those of a neuron that never fires, and falls back
// after. A tensor of one axis is one row; rows above kLongestRow coordinates are cut evenly. The
// center's coordinates are floats, so a candidate is known from the center, a seed and k numbers.
//
// The linear map of a row's inputs is why its weights are probed together: what the losses say of a
// row does not drown in what they say of others. Standardising by row makes all rows move alike,
// whatever their share of the loss.
//
// The decay l is for losses that are samples of what is meant, as a mini-batch's: weights that fit
// the samples alone are kept small, those that all samples ask for grow against it. It is decoupled
// from Adam (Loshchilov and Hutter, ICLR 2019) and from q, and ends with r_s. After PolyStep (arXiv
// 2605.01928), OpenAI-ES (arXiv 1703.03864).
#ifndef POLYSTEP_CORE_METHOD_ROWS_H_
#define POLYSTEP_CORE_METHOD_ROWS_H_

#include <vector>

#include "core/method/adam.h"
#include "core/method/rate_control.h"
#include "core/method/step_rule.h"
#include "core/method/vertex_weights.h"
#include "core/schedule/schedule.h"

namespace polystep {

// Coordinates of a row, at most.
inline constexpr int64_t kLongestRow = 4096;

struct TensorRow {
  SearchSpace::Range range = {0, 0};  // its coordinates
  uint32_t tensor = 0;
};

// The rows of a space of real tensors, in order and without gaps.
std::vector<TensorRow> RowsOf(const SearchSpace& space);

struct RowsOptions {
  uint32_t frame_size = 4;  // k
  TransportOptions transport;
  Schedule step_radius;   // r_s: what a row moves in one step is about as long
  Schedule probe_radius;  // r_p
  AdamOptions adam;
  double weight_decay = 0.0;  // l
};

class RowsRule : public StepRule {
 public:
  RowsRule(RuleContext context, RowsOptions options);

  StepShape Shape() const override;
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  uint32_t ChangeWidth() const override { return width_; }
  void Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
               absl::Span<double> values) const override;
  bool HasFrames() const override { return unbounded_; }
  FrameMoves Frames(int64_t step, uint32_t first, uint32_t count) const override;
  StepLengths Update(const StepAnswers& answers) override;
  absl::Span<const double> center() const override { return center_; }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  uint64_t DirectionSeed(int64_t step) const;
  // What a direction's whole numbers are multiplied by in a probe of that row.
  float ProbeFactor(uint32_t row) const;
  void AdaptReach(uint32_t row, absl::Span<const double> losses,
                  absl::Span<const Outcome> outcomes);
  // Moves row `row` by the weights of its vertices.
  void MoveRow(uint64_t seed, uint32_t row, absl::Span<const double> weights, double radius);

  RuleContext context_;
  RowsOptions options_;
  std::vector<TensorRow> rows_;
  uint32_t width_ = 0;      // of the longest row
  bool unbounded_ = false;  // nothing is ever clamped

  std::vector<double> center_;  // floats
  int64_t updates_ = 0;         // the schedules' t
  std::vector<float> reach_;    // b, by row
  VertexWeights weights_;
  Adam adam_;
  RateControl rates_;  // by tensor
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_ROWS_H_
