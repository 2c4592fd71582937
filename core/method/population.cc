#include "core/method/population.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/frames/rotation.h"
#include "core/method/barycenter.h"
#include "core/random/random_stream.h"

namespace polystep {

void PopulationCandidates(absl::Span<const double> particle, double radius,
                          absl::Span<const double> rotation, absl::Span<const double> vertices,
                          absl::Span<double> candidates) {
  const size_t dim = particle.size();
  for (size_t v = 0; v < vertices.size() / dim; ++v) {
    absl::Span<double> candidate = candidates.subspan(v * dim, dim);
    RotateVertex(rotation, vertices.subspan(v * dim, dim), candidate);
    for (size_t j = 0; j < dim; ++j) candidate[j] = particle[j] + radius * candidate[j];
  }
}

void MoveToBarycenter(absl::Span<const double> weights, absl::Span<const double> candidates,
                      absl::Span<double> particle) {
  const size_t dim = particle.size();
  if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0.0; })) return;
  for (size_t j = 0; j < dim; ++j) {
    double sum = 0.0;
    for (size_t v = 0; v < weights.size(); ++v) sum += weights[v] * candidates[v * dim + j];
    particle[j] = sum;
  }
}

PopulationRule::PopulationRule(RuleContext context, PopulationOptions options)
    : context_(std::move(context)),
      options_(options),
      vertices_(PolytopeVertices(options_.polytope, static_cast<int>(dimension()))),
      vertex_count_(
          static_cast<uint32_t>(VertexCount(options_.polytope, static_cast<int>(dimension())))),
      particles_(options_.particles * dimension()),
      weights_(options_.transport, options_.polytope),
      accumulator_(options_.accumulator, particles_.size()),
      radius_(options_.radius_control) {
  StartAt(context_.space->InitialCoordinates(context_.seed));
}

absl::Span<const double> PopulationRule::Particle(uint32_t particle) const {
  return absl::MakeConstSpan(particles_).subspan(particle * dimension(), dimension());
}

void PopulationRule::StartAt(absl::Span<const double> center) {
  std::copy(center.begin(), center.end(), particles_.begin());
  Scatter();
  row_ = Row();
}

// Particle 0 starts at the given point, the others uniformly in the box, or normally around the
// point where there is no box.
void PopulationRule::Scatter() {
  const auto& coordinates = context_.space->coordinates();
  for (uint32_t p = 1; p < options_.particles; ++p) {
    RandomStream stream(context_.seed, 0, p, Draw::kRestart);
    for (size_t j = 0; j < dimension(); ++j) {
      const SearchSpace::Coordinate& c = coordinates[j];
      const bool boxed = std::isfinite(c.lower) && std::isfinite(c.upper);
      particles_[p * dimension() + j] = boxed ? c.lower + (c.upper - c.lower) * stream.Uniform()
                                              : particles_[j] + c.extent * stream.Normal();
    }
  }
}

StepShape PopulationRule::Shape() const { return {options_.particles, vertex_count_, 1}; }

const std::vector<double>& PopulationRule::RowCandidates(int64_t step, uint32_t row) const {
  if (row_.step == step && row_.row == row) return row_.candidates;
  const size_t dim = dimension();
  std::vector<double> rotation(dim * dim);
  RandomStream stream(context_.seed, static_cast<uint64_t>(step), row, Draw::kRotation);
  HaarRotation(static_cast<int>(dim), stream, absl::MakeSpan(rotation));
  row_.candidates.resize(vertex_count_ * dim);
  PopulationCandidates(Particle(row), Radius(), rotation, vertices_,
                       absl::MakeSpan(row_.candidates));
  for (uint32_t v = 0; v < vertex_count_; ++v) {
    context_.space->Clamp(absl::MakeSpan(row_.candidates).subspan(v * dim, dim));
  }
  row_.step = step;
  row_.row = row;
  return row_.candidates;
}

void PopulationRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                                absl::Span<double> out) const {
  const size_t dim = dimension();
  for (uint32_t n = 0; n < count; ++n) {
    const uint32_t index = first + n;
    const std::vector<double>& row = RowCandidates(step, index / vertex_count_);
    std::copy_n(row.begin() + static_cast<int64_t>(index % vertex_count_ * dim), dim,
                out.begin() + static_cast<int64_t>(n * dim));
  }
}

double PopulationRule::Radius() const {
  return options_.step_radius.At(updates_) * radius_.OfProbes();
}

StepLengths PopulationRule::Update(const StepAnswers& answers) {
  std::vector<double> weights(answers.losses.size());
  weights_.Solve(
      updates_, {answers.rows, vertex_count_, answers.losses, answers.outcomes, answers.violations},
      absl::MakeSpan(weights));
  StepLengths lengths;
  lengths.step_radius = Radius();
  lengths.probe_distance = lengths.step_radius;
  lengths.linear_rate = weights_.Rate(lengths, dimension());

  ChooseLeader(answers);
  for (uint32_t row = 0; row < answers.rows; ++row) {
    const size_t first = size_t{row} * vertex_count_;
    const absl::Span<const Outcome> outcomes = answers.outcomes.subspan(first, vertex_count_);
    // Of a particle without answers nothing is known: not even what it has gathered is taken.
    if (std::all_of(outcomes.begin(), outcomes.end(),
                    [](Outcome outcome) { return outcome == Outcome::kMissing; })) {
      continue;
    }
    MoveParticle(row, answers.step, absl::MakeConstSpan(weights).subspan(first, vertex_count_));
  }
  row_ = Row();
  accumulator_.EndStep();
  radius_.EndStep(MeanLoss(answers.losses, answers.outcomes));
  ++updates_;
  return lengths;
}

void PopulationRule::MoveParticle(uint32_t row, int64_t step, absl::Span<const double> weights) {
  const size_t dim = dimension();
  const absl::Span<double> particle = absl::MakeSpan(particles_).subspan(row * dim, dim);
  const std::vector<double>& candidates = RowCandidates(step, row);
  if (!accumulator_.active()) {
    MoveToBarycenter(weights, candidates, particle);
    return;
  }
  std::vector<double> displacement(particle.begin(), particle.end());
  MoveToBarycenter(weights, candidates, absl::MakeSpan(displacement));
  for (size_t j = 0; j < dim; ++j) displacement[j] -= particle[j];
  accumulator_.Take(updates_, row * dim, absl::MakeSpan(displacement));
  for (size_t j = 0; j < dim; ++j) particle[j] += displacement[j];
  context_.space->Clamp(particle);
}

void PopulationRule::ChooseLeader(const StepAnswers& answers) {
  std::optional<Merit> best;
  for (uint32_t row = 0; row < answers.rows; ++row) {
    const std::optional<Merit> merit = RowMerit(answers, row);
    if (!merit || (best && !(*merit < *best))) continue;
    best = merit;
    leader_ = row;
  }
}

std::optional<Merit> PopulationRule::RowMerit(const StepAnswers& answers, uint32_t row) const {
  Merit feasible, violating;  // sums
  uint32_t count = 0;
  uint32_t violated = 0;
  for (uint32_t n = row * vertex_count_; n < (row + 1) * vertex_count_; ++n) {
    if (answers.outcomes[n] == Outcome::kLoss) {
      feasible.loss += answers.losses[n];
      ++count;
    } else if (answers.outcomes[n] == Outcome::kViolation) {
      violating.violation += answers.violations[n];
      ++violated;
    }
  }
  if (count > 0) return Merit{0.0, feasible.loss / count};
  if (violated > 0) return Merit{violating.violation / violated, 0.0};
  return std::nullopt;
}

void PopulationRule::Save(ByteWriter& writer) const {
  writer.I64(updates_);
  writer.U32(leader_);
  writer.Doubles(particles_);
  weights_.Save(writer);
  accumulator_.Save(writer);
  radius_.Save(writer);
}

bool PopulationRule::Restore(ByteReader& reader) {
  updates_ = reader.I64();
  leader_ = reader.U32();
  std::vector<double> particles = reader.Doubles();
  row_ = Row();
  if (!reader.ok() || particles.size() != particles_.size()) return false;
  if (updates_ < 0 || leader_ >= options_.particles) return false;
  particles_ = std::move(particles);
  return weights_.Restore(reader) && accumulator_.Restore(reader) && radius_.Restore(reader);
}

}  // namespace polystep
