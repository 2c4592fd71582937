// POLYSTEP_POPULATION: every particle is a whole candidate with an orthoplex (by default) of all
// its dimensions around it; particles are independent searches.
//
// PolyStep's ask/tell optimizer (arXiv 2605.01928):
//   c_iv = X_i + r R_i u_v,   W = solver(-S/epsilon),   X_i' = sum_v W_iv c_iv.
// Particles stay in the box: the barycenter is taken over the clamped candidates. Index order:
// particle, vertex. A rotation costs O(D^3). Momentum and coasting (accumulator.h) are of each
// particle's displacement, the adaptive radius (radius_control.h) of all.
#ifndef POLYSTEP_CORE_METHOD_POPULATION_H_
#define POLYSTEP_CORE_METHOD_POPULATION_H_

#include <optional>
#include <vector>

#include "core/frames/polytope.h"
#include "core/method/accumulator.h"
#include "core/method/radius_control.h"
#include "core/method/step_rule.h"
#include "core/method/vertex_weights.h"
#include "core/schedule/schedule.h"

namespace polystep {

inline constexpr int64_t kMaxPopulationDimension = 512;

struct PopulationOptions {
  Polytope polytope = Polytope::kOrthoplex;
  uint32_t particles = 1;
  TransportOptions transport;
  Schedule step_radius;
  AccumulatorOptions accumulator;
  RadiusControl radius_control = RadiusControl::kSchedule;  // not kTrustRegion: there is no model
};

// candidates[v] = x + radius R u_v, V x dim row-major; not clamped.
void PopulationCandidates(absl::Span<const double> particle, double radius,
                          absl::Span<const double> rotation, absl::Span<const double> vertices,
                          absl::Span<double> candidates);

// particle = sum_v weights[v] candidates[v]; it holds if all weights are zero.
void MoveToBarycenter(absl::Span<const double> weights, absl::Span<const double> candidates,
                      absl::Span<double> particle);

class PopulationRule : public StepRule {
 public:
  PopulationRule(RuleContext context, PopulationOptions options);

  StepShape Shape() const override;
  void Candidates(int64_t step, uint32_t first, uint32_t count,
                  absl::Span<double> out) const override;
  StepLengths Update(const StepAnswers& answers) override;
  // The particle whose candidates had the lowest mean loss in the last step (of its feasible ones;
  // where no particle has any, the lowest mean violation).
  absl::Span<const double> center() const override { return Particle(leader_); }
  void StartAt(absl::Span<const double> center) override;
  void Save(ByteWriter& writer) const override;
  bool Restore(ByteReader& reader) override;

 private:
  size_t dimension() const { return static_cast<size_t>(context_.space->dimension()); }
  absl::Span<const double> Particle(uint32_t particle) const;
  void Scatter();
  // Clamped candidates of one particle, remembered until another is asked for.
  const std::vector<double>& RowCandidates(int64_t step, uint32_t row) const;
  double Radius() const;
  void MoveParticle(uint32_t row, int64_t step, absl::Span<const double> weights);
  // The particle of least merit leads.
  void ChooseLeader(const StepAnswers& answers);
  // Mean of a row's feasible losses, else of its violations.
  std::optional<Merit> RowMerit(const StepAnswers& answers, uint32_t row) const;

  RuleContext context_;
  PopulationOptions options_;
  std::vector<double> vertices_;  // V x D
  uint32_t vertex_count_ = 0;

  std::vector<double> particles_;  // P x D
  uint32_t leader_ = 0;
  int64_t updates_ = 0;
  VertexWeights weights_;
  Accumulator accumulator_;  // of P x D
  RadiusMultiplier radius_;

  struct Row {
    int64_t step = -1;
    uint32_t row = 0;
    std::vector<double> candidates;
  };
  mutable Row row_;  // the state it was made from changes only with the step
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_METHOD_POPULATION_H_
