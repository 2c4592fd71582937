#include "core/method/block.h"

#include <algorithm>
#include <utility>

#include "core/frames/rotation.h"
#include "core/method/barycenter.h"
#include "core/random/random_stream.h"

namespace polystep {

void MeanOverProbes(uint32_t probes, absl::Span<const double> losses,
                    absl::Span<const Outcome> outcomes, absl::Span<double> vertex_losses,
                    absl::Span<Outcome> vertex_outcomes) {
  for (size_t v = 0; v < vertex_losses.size(); ++v) {
    double sum = 0.0;
    Outcome outcome = Outcome::kLoss;
    for (size_t k = v * probes; k < (v + 1) * probes; ++k) {
      sum += outcomes[k] == Outcome::kLoss ? losses[k] : 0.0;
      if (outcomes[k] == Outcome::kInfeasible) outcome = Outcome::kInfeasible;
      if (outcomes[k] == Outcome::kMissing && outcome == Outcome::kLoss) outcome = outcomes[k];
    }
    vertex_losses[v] = outcome == Outcome::kLoss ? sum / probes : 0.0;
    vertex_outcomes[v] = outcome;
  }
}

void ProbeBlock(absl::Span<const double> rotation, absl::Span<const double> vertex, double distance,
                absl::Span<double> block) {
  std::vector<double> direction(vertex.size());
  RotateVertex(rotation, vertex, absl::MakeSpan(direction));
  for (size_t j = 0; j < block.size(); ++j) block[j] += distance * direction[j];
}

void MoveBlock(const BlockMove& move, absl::Span<double> block) {
  std::vector<double> direction(move.vertices.size() / move.weights.size());
  BarycentricDirection(move.rotation, move.vertices, move.weights, absl::MakeSpan(direction));
  for (size_t j = 0; j < block.size(); ++j) block[j] += move.radius * direction[j];
}

BlockRule::BlockRule(RuleContext context, BlockOptions options)
    : context_(std::move(context)),
      options_(std::move(options)),
      vertices_(PolytopeVertices(options_.polytope, static_cast<int>(options_.particle_dim))),
      vertex_count_(static_cast<uint32_t>(
          VertexCount(options_.polytope, static_cast<int>(options_.particle_dim)))),
      scales_(ProbeScales(static_cast<int>(options_.probes))),
      center_(context_.space->InitialCoordinates(context_.seed)) {}

uint32_t BlockRule::blocks() const {
  return static_cast<uint32_t>((center_.size() + options_.particle_dim - 1) /
                               options_.particle_dim);
}

absl::Span<double> BlockRule::BlockOf(uint32_t row, absl::Span<double> solution) const {
  return solution.subspan(size_t{row} * options_.particle_dim, options_.particle_dim);
}

StepShape BlockRule::Shape() const { return {blocks(), vertex_count_, options_.probes}; }

void BlockRule::Rotation(int64_t step, uint32_t row, absl::Span<double> rotation) const {
  RandomStream stream(context_.seed, static_cast<uint64_t>(step), row, Draw::kRotation);
  HaarRotation(static_cast<int>(options_.particle_dim), stream, rotation);
}

void BlockRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                           absl::Span<double> out) const {
  const size_t dim = options_.particle_dim;
  const size_t size = center_.size();
  const double radius = options_.probe_radius.At(updates_);
  std::vector<double> rotation(dim * dim);
  uint32_t rotated_row = blocks();
  for (uint32_t n = 0; n < count; ++n) {
    const uint32_t index = first + n;
    const uint32_t row = index / (vertex_count_ * options_.probes);
    const uint32_t vertex = index / options_.probes % vertex_count_;
    if (row != rotated_row) Rotation(step, row, absl::MakeSpan(rotation));
    rotated_row = row;
    absl::Span<double> candidate = out.subspan(n * size, size);
    std::copy(center_.begin(), center_.end(), candidate.begin());
    ProbeBlock(rotation, absl::MakeConstSpan(vertices_).subspan(vertex * dim, dim),
               radius * scales_[index % options_.probes], BlockOf(row, candidate));
    context_.space->Clamp(candidate);
  }
}

StepLengths BlockRule::Update(const StepAnswers& answers) {
  const size_t dim = options_.particle_dim;
  const size_t total = size_t{answers.rows} * vertex_count_;
  std::vector<double> losses(total);
  std::vector<Outcome> outcomes(total);
  std::vector<double> weights(total);
  MeanOverProbes(options_.probes, answers.losses, answers.outcomes, absl::MakeSpan(losses),
                 absl::MakeSpan(outcomes));
  WeightOptions weighting;
  weighting.scale = options_.loss_scale;
  weighting.constant = options_.loss_scale_constant;
  weighting.epsilon = options_.epsilon.At(updates_);
  weighting.antipodal = options_.polytope == Polytope::kOrthoplex;
  TransportWeights(weighting, static_cast<int>(answers.rows), static_cast<int>(vertex_count_),
                   losses, outcomes, absl::MakeSpan(weights));

  const double radius = options_.step_radius.At(updates_);
  std::vector<double> rotation(dim * dim);
  for (uint32_t row = 0; row < answers.rows; ++row) {
    Rotation(answers.step, row, absl::MakeSpan(rotation));
    MoveBlock({rotation, vertices_,
               absl::MakeConstSpan(weights).subspan(row * vertex_count_, vertex_count_), radius},
              BlockOf(row, absl::MakeSpan(center_)));
  }
  context_.space->Clamp(absl::MakeSpan(center_));

  StepLengths lengths;
  lengths.step_radius = radius;
  lengths.probe_distance = options_.probe_radius.At(updates_) * scales_.back();
  lengths.linear_rate = LinearRate(lengths, weighting, dim);
  ++updates_;
  return lengths;
}

void BlockRule::StartAt(absl::Span<const double> center) {
  center_.assign(center.begin(), center.end());
}

void BlockRule::Save(ByteWriter& writer) const {
  writer.I64(updates_);
  writer.Doubles(center_);
}

bool BlockRule::Restore(ByteReader& reader) {
  updates_ = reader.I64();
  std::vector<double> center = reader.Doubles();
  if (!reader.ok() || center.size() != center_.size() || updates_ < 0) return false;
  center_ = std::move(center);
  return true;
}

}  // namespace polystep
