#include "core/method/block.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/frames/rotation.h"
#include "core/method/barycenter.h"
#include "core/random/random_stream.h"

namespace polystep {

VertexAnswers MeanOverProbes(uint32_t probes, absl::Span<const double> losses,
                             absl::Span<const Outcome> outcomes,
                             absl::Span<const double> violations) {
  VertexAnswers vertices;
  const size_t count = losses.size() / probes;
  if (!violations.empty()) vertices.violations.resize(count);
  for (size_t v = 0; v < count; ++v) {
    double sum = 0.0;
    double violation = 0.0;
    bool infeasible = false;
    bool missing = false;
    for (size_t k = v * probes; k < (v + 1) * probes; ++k) {
      infeasible |= outcomes[k] == Outcome::kInfeasible;
      missing |= outcomes[k] == Outcome::kMissing;
      const bool violated = outcomes[k] == Outcome::kViolation;
      if (violated) violation += violations[k];
      if (violated || outcomes[k] == Outcome::kLoss) sum += losses[k];
    }
    vertices.outcomes.push_back(infeasible        ? Outcome::kInfeasible
                                : missing         ? Outcome::kMissing
                                : violation > 0.0 ? Outcome::kViolation
                                                  : Outcome::kLoss);
    vertices.losses.push_back(infeasible || missing ? 0.0 : sum / probes);
    if (!violations.empty()) vertices.violations[v] = violation / probes;
  }
  return vertices;
}

void ProbeBlock(absl::Span<const double> rotation, absl::Span<const double> vertex, double distance,
                absl::Span<double> block) {
  std::array<double, kMaxBlock> direction;
  RotateVertex(rotation, vertex, absl::MakeSpan(direction.data(), vertex.size()));
  for (size_t j = 0; j < block.size(); ++j) block[j] += distance * direction[j];
}

void MoveBlock(const BlockMove& move, absl::Span<double> block) {
  std::array<double, kMaxBlock> direction;
  BarycentricDirection(
      move.rotation, move.vertices, move.weights,
      absl::MakeSpan(direction.data(), move.vertices.size() / move.weights.size()));
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

SearchSpace::Range BlockRule::BlockOf(uint32_t row) const {
  const int64_t first = int64_t{row} * options_.particle_dim;
  return {first, std::min<int64_t>(options_.particle_dim, center_.size() - first)};
}

StepShape BlockRule::Shape() const { return {blocks(), vertex_count_, options_.probes}; }

void BlockRule::Rotation(int64_t step, uint32_t row, absl::Span<double> rotation) const {
  RandomStream stream(context_.seed, static_cast<uint64_t>(step), row, Draw::kRotation);
  HaarRotation(static_cast<int>(options_.particle_dim), stream, rotation);
}

void BlockRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                           absl::Span<double> out) const {
  WholeCandidates(step, first, count, out);
}

void BlockRule::Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
                        absl::Span<double> values) const {
  const size_t dim = options_.particle_dim;
  const double radius = options_.probe_radius.At(updates_);
  std::array<double, kMaxBlock * kMaxBlock> storage;
  const absl::Span<double> rotation(storage.data(), dim * dim);
  uint32_t rotated_row = blocks();
  for (size_t n = 0; n < ranges.size(); ++n) {
    const uint32_t index = first + static_cast<uint32_t>(n);
    const uint32_t row = index / (vertex_count_ * options_.probes);
    const uint32_t vertex = index / options_.probes % vertex_count_;
    if (row != rotated_row) Rotation(step, row, rotation);
    rotated_row = row;
    ranges[n] = BlockOf(row);
    const absl::Span<double> block = values.subspan(n * dim, static_cast<size_t>(ranges[n].size));
    std::copy_n(center_.begin() + ranges[n].first, ranges[n].size, block.begin());
    ProbeBlock(rotation, absl::MakeConstSpan(vertices_).subspan(vertex * dim, dim),
               radius * scales_[index % options_.probes], block);
    context_.space->Clamp(ranges[n].first, block);
  }
}

StepLengths BlockRule::Update(const StepAnswers& answers) {
  const size_t dim = options_.particle_dim;
  const size_t total = size_t{answers.rows} * vertex_count_;
  const VertexAnswers vertices =
      MeanOverProbes(options_.probes, answers.losses, answers.outcomes, answers.violations);
  std::vector<double> weights(total);
  WeightOptions weighting;
  weighting.scale = options_.loss_scale;
  weighting.constant = options_.loss_scale_constant;
  weighting.epsilon = options_.epsilon.At(updates_);
  weighting.antipodal = options_.polytope == Polytope::kOrthoplex;
  TransportWeights(weighting, static_cast<int>(answers.rows), static_cast<int>(vertex_count_),
                   vertices.losses, vertices.outcomes, absl::MakeSpan(weights),
                   vertices.violations);

  const double radius = options_.step_radius.At(updates_);
  std::vector<double> rotation(dim * dim);
  for (uint32_t row = 0; row < answers.rows; ++row) {
    Rotation(answers.step, row, absl::MakeSpan(rotation));
    MoveBlock({rotation, vertices_,
               absl::MakeConstSpan(weights).subspan(row * vertex_count_, vertex_count_), radius},
              absl::MakeSpan(center_).subspan(static_cast<size_t>(BlockOf(row).first),
                                              static_cast<size_t>(BlockOf(row).size)));
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
