#include "core/method/block.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/frames/rotation.h"
#include "core/method/barycenter.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

// R^T x.
void ToAxes(absl::Span<const double> rotation, absl::Span<const double> x,
            absl::Span<double> axes) {
  for (size_t j = 0; j < axes.size(); ++j) {
    double sum = 0.0;
    for (size_t i = 0; i < x.size(); ++i) sum += rotation[i * axes.size() + j] * x[i];
    axes[j] = sum;
  }
}

// A multiple of the rows that are solved at once.
constexpr uint32_t kRowsTogether = 16 * kLanes;

bool AnyAnswer(absl::Span<const Outcome> outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](Outcome outcome) { return outcome != Outcome::kMissing; });
}

}  // namespace

void ProbeDisplacement(absl::Span<const double> rotation, absl::Span<const double> vertex,
                       double distance, absl::Span<double> displacement) {
  RotateVertex(rotation, vertex, displacement);
  for (double& d : displacement) d *= distance;
}

BlockRule::BlockRule(RuleContext context, BlockOptions options)
    : context_(std::move(context)),
      options_(options),
      vertices_(PolytopeVertices(options_.polytope, static_cast<int>(options_.particle_dim))),
      vertex_count_(static_cast<uint32_t>(
          VertexCount(options_.polytope, static_cast<int>(options_.particle_dim)))),
      scales_(ProbeScales(static_cast<int>(options_.probes))),
      center_(context_.space->InitialCoordinates(context_.seed)),
      subspace_(*context_.space, options_.subspace),
      weights_(options_.transport, options_.polytope),
      accumulator_(options_.accumulator, size_t{blocks()} * options_.particle_dim),
      radius_(options_.radius_control) {
  if (options_.biased_rotation) last_moves_.assign(size_t{blocks()} * options_.particle_dim, 0.0);
  subspace_.Draw(context_.seed, 0);
}

uint32_t BlockRule::blocks() const {
  return static_cast<uint32_t>((subspace_.size() + options_.particle_dim - 1) /
                               options_.particle_dim);
}

SearchSpace::Range BlockRule::BlockOf(uint32_t row) const {
  const int64_t first = int64_t{row} * options_.particle_dim;
  const auto size = static_cast<int64_t>(center_.size());
  return {first, std::min<int64_t>(options_.particle_dim, size - first)};
}

bool BlockRule::EvaluatesCenter() const {
  return options_.quadratic_model &&
         (options_.probes == 1 || options_.radius_control == RadiusControl::kTrustRegion);
}

StepShape BlockRule::Shape() const {
  return {blocks(), vertex_count_, options_.probes, EvaluatesCenter() ? 1u : 0u};
}

void BlockRule::DrawRotations(int64_t step, uint32_t first, uint32_t count,
                              RotationTile& tile) const {
  tile.Draw({context_.seed, static_cast<uint64_t>(step), first, Draw::kRotation}, count);
  if (last_moves_.empty()) return;
  const size_t dim = options_.particle_dim;
  std::array<double, kMaxBlock * kMaxBlock> storage;
  const absl::Span<double> rotation(storage.data(), dim * dim);
  for (uint32_t row = first; row < first + count; ++row) {
    tile.Get(row, rotation);
    BiasRotation(static_cast<int>(dim), absl::MakeConstSpan(last_moves_).subspan(row * dim, dim),
                 rotation);
    tile.Put(row, rotation);
  }
}

// In a subspace a candidate costs far more than its rotation does.
RotationTile BlockRule::TileOf(bool matrices) const {
  const RotationKind kind =
      subspace_.is_whole() ? RotationKind::kReflections : RotationKind::kGramSchmidt;
  return RotationTile(options_.particle_dim, kind, matrices || options_.biased_rotation);
}

std::vector<double> BlockRule::ProbeDistances() const {
  const double radius = options_.probe_radius.At(updates_) * radius_.OfProbes();
  std::vector<double> distances = scales_;
  for (double& distance : distances) distance *= radius;
  return distances;
}

BlockRule::Walk BlockRule::WalkFrom(uint32_t first, size_t count) const {
  const uint32_t local = first - (EvaluatesCenter() ? 1 : 0);
  const uint32_t in_row = vertex_count_ * options_.probes;
  Walk walk(TileOf(true));
  walk.distances = ProbeDistances();
  walk.row = local / in_row;
  walk.vertex = local % in_row / options_.probes;
  walk.probe = local % options_.probes;
  walk.last_row = (local + static_cast<uint32_t>(count) - 1) / in_row;
  return walk;
}

void BlockRule::Displace(int64_t step, Walk& walk, absl::Span<double> displacement) const {
  const size_t dim = options_.particle_dim;
  const absl::Span<double> rotation(walk.rotation.data(), dim * dim);
  if (walk.rotated_row != walk.row) {
    if (!walk.tile.Holds(walk.row)) {
      const uint32_t left = walk.last_row - walk.row + 1;
      DrawRotations(step, walk.row, std::min<uint32_t>(kLanes, left), walk.tile);
    }
    walk.tile.Get(walk.row, rotation);
    walk.rotated_row = walk.row;
  }
  ProbeDisplacement(rotation, absl::MakeConstSpan(vertices_).subspan(walk.vertex * dim, dim),
                    walk.distances[walk.probe], displacement);
  if (++walk.probe < options_.probes) return;
  walk.probe = 0;
  if (++walk.vertex < vertex_count_) return;
  walk.vertex = 0;
  ++walk.row;
}

void BlockRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                           absl::Span<double> out) const {
  if (subspace_.is_whole()) {
    WholeCandidates(step, first, count, out);
    return;
  }
  const size_t size = center_.size();
  const size_t dim = options_.particle_dim;
  const uint32_t points = first == 0 && EvaluatesCenter() ? 1 : 0;
  Walk walk = WalkFrom(first + points, count - points);
  std::array<double, kMaxBlock> displacement;
  for (uint32_t n = 0; n < count; ++n) {
    const absl::Span<double> candidate = out.subspan(n * size, size);
    std::copy(center_.begin(), center_.end(), candidate.begin());
    if (n < points) continue;
    const size_t block = walk.row * dim;
    Displace(step, walk, absl::MakeSpan(displacement.data(), dim));
    subspace_.Add(block, absl::MakeConstSpan(displacement.data(), dim), candidate);
    context_.space->Clamp(candidate);
  }
}

void BlockRule::Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
                        absl::Span<double> values) const {
  if (ranges.empty()) return;
  const size_t dim = options_.particle_dim;
  const uint32_t points = first == 0 && EvaluatesCenter() ? 1 : 0;
  if (points > 0) ranges[0] = {0, 0};
  Walk walk = WalkFrom(first + points, ranges.size() - points);
  for (size_t n = points; n < ranges.size(); ++n) {
    ranges[n] = BlockOf(walk.row);
    const absl::Span<double> block = values.subspan(n * dim, dim);
    Displace(step, walk, block);
    const double* const center = center_.data() + ranges[n].first;
    for (int64_t j = 0; j < ranges[n].size; ++j) block[static_cast<size_t>(j)] += center[j];
  }
  context_.space->Clamp(ranges, dim, values);
}

BlockRule::Step BlockRule::Read(const StepAnswers& answers) const {
  Step step;
  step.step = answers.step;
  step.rows = answers.rows;
  const size_t points = EvaluatesCenter() ? 1 : 0;
  if (points > 0 && answers.outcomes[0] == Outcome::kLoss) step.center_loss = answers.losses[0];
  step.losses = answers.losses.subspan(points);
  step.outcomes = answers.outcomes.subspan(points);
  if (!answers.violations.empty()) step.violations = answers.violations.subspan(points);
  step.distances = ProbeDistances();
  step.moves = last_moves_;
  return step;
}

void BlockRule::SolveWeights(uint32_t first, uint32_t count, Step& step) {
  const size_t row_size = size_t{vertex_count_} * options_.probes;
  const size_t from = first * row_size;
  const size_t size = count * row_size;
  const absl::Span<const double> violations =
      step.violations.empty() ? step.violations : step.violations.subspan(from, size);
  VertexAnswers means;
  LossMatrix matrix = {count, vertex_count_, step.losses.subspan(from, size),
                       step.outcomes.subspan(from, size), violations};
  if (options_.probes > 1) {
    means = MeanOverProbes(options_.probes, matrix.losses, matrix.outcomes, violations);
    matrix = {count, vertex_count_, means.losses, means.outcomes, means.violations};
  }
  step.first_row = first;
  step.weights.resize(size_t{count} * vertex_count_);
  if (weights_.CanTakeParts()) {
    weights_.SolvePart(matrix, absl::MakeSpan(step.weights));
  } else {
    weights_.Solve(updates_, matrix, absl::MakeSpan(step.weights));
  }
}

std::optional<double> BlockRule::MeanOfVertices(const Step& step) const {
  if (options_.probes == 1) return MeanLoss(step.losses, step.outcomes);
  const VertexAnswers means =
      MeanOverProbes(options_.probes, step.losses, step.outcomes, step.violations);
  return MeanLoss(means.losses, means.outcomes);
}

StepLengths BlockRule::Update(const StepAnswers& answers) {
  const size_t dim = options_.particle_dim;
  Step step = Read(answers);
  radius_.Arrive(step.center_loss);
  const bool judged = options_.radius_control == RadiusControl::kTrustRegion;
  if (judged) step.models.resize(step.rows);

  StepLengths lengths;
  step.radius = options_.step_radius.At(updates_) * radius_.OfSteps();
  lengths.step_radius = step.radius;
  for (const double distance : step.distances) {
    lengths.probe_distance += distance / options_.probes;
  }

  const std::vector<double> before = judged ? center_ : std::vector<double>();
  std::vector<double> taken(judged ? size_t{blocks()} * dim : 0, 0.0);
  // Weights of so many rows stay in the cache until they are used.
  const uint32_t together = weights_.CanTakeParts() ? kRowsTogether : step.rows;
  if (weights_.CanTakeParts()) weights_.Begin(updates_);
  for (uint32_t row = 0; row < step.rows; row += together) {
    const uint32_t count = std::min(together, step.rows - row);
    const uint32_t moved = MoveInLanes(row, count, step);
    if (moved == count) continue;
    SolveWeights(row + moved, count - moved, step);
    MoveRows(row + moved, count - moved, step, absl::MakeSpan(taken));
  }
  if (weights_.CanTakeParts()) weights_.Finish();
  if (!subspace_.is_whole()) context_.space->Clamp(absl::MakeSpan(center_));
  lengths.linear_rate = weights_.Rate(lengths, dim);
  if (judged) {
    // What the box left of the moves, where coordinates are the space's own.
    for (size_t n = 0; subspace_.is_whole() && n < before.size(); ++n) {
      taken[n] = center_[n] - before[n];
    }
    radius_.Expect(PredictedOf(step, taken), step.center_loss);
  }
  last_moves_ = std::move(step.moves);
  const bool adapts = options_.radius_control == RadiusControl::kAdaptive;
  radius_.EndStep(adapts ? MeanOfVertices(step) : std::nullopt);
  accumulator_.EndStep();
  ++updates_;
  RedrawIfDue();
  return lengths;
}

void BlockRule::MoveRows(uint32_t first, uint32_t count, Step& step, absl::Span<double> taken) {
  const size_t dim = options_.particle_dim;
  RotationTile tile = TileOf(options_.quadratic_model);
  std::array<double, kMaxBlock * kLanes> moves;
  for (uint32_t row = first; row < first + count; row += kLanes) {
    const uint32_t here = std::min<uint32_t>(kLanes, first + count - row);
    const absl::Span<double> displacements(moves.data(), here * dim);
    DrawRotations(step.step, row, here, tile);
    MoveTile(
        tile, vertices_,
        absl::MakeConstSpan(step.weights)
            .subspan(size_t{row - step.first_row} * vertex_count_, size_t{here} * vertex_count_),
        step.radius, displacements);
    for (uint32_t r = row; r < row + here; ++r) {
      TakeMove(tile, r, step, displacements.subspan((r - row) * dim, dim), taken);
    }
    if (!subspace_.is_whole()) continue;
    const size_t size = std::min(center_.size() - row * dim, here * dim);
    context_.space->Clamp(static_cast<int64_t>(row * dim),
                          absl::MakeSpan(center_).subspan(row * dim, size));
  }
}

void BlockRule::TakeMove(const RotationTile& tile, uint32_t row, Step& step,
                         absl::Span<double> displacement, absl::Span<double> taken) {
  const size_t row_size = size_t{vertex_count_} * options_.probes;
  const size_t first = row * displacement.size();
  // Of a block without answers nothing is known: not even what it has gathered is taken.
  if (!AnyAnswer(step.outcomes.subspan(row * row_size, row_size))) return;
  if (options_.quadratic_model) Refine(tile, row, step, displacement);
  if (!step.moves.empty()) {
    std::copy(displacement.begin(), displacement.end(),
              step.moves.begin() + static_cast<int64_t>(first));
  }
  if (accumulator_.active()) accumulator_.Take(updates_, first, displacement);
  subspace_.Add(first, displacement, absl::MakeSpan(center_));
  if (taken.empty()) return;
  std::copy(displacement.begin(), displacement.end(), taken.begin() + static_cast<int64_t>(first));
}

void BlockRule::Refine(const RotationTile& tile, uint32_t row, Step& step,
                       absl::Span<double> displacement) {
  const size_t row_size = size_t{vertex_count_} * options_.probes;
  std::array<double, kMaxBlock * kMaxBlock> storage;
  const absl::Span<double> rotation(storage.data(), displacement.size() * displacement.size());
  tile.Get(row, rotation);
  ProbeModel model = FitProbes({options_.polytope, vertices_, step.distances},
                               {step.losses.subspan(row * row_size, row_size),
                                step.outcomes.subspan(row * row_size, row_size), step.center_loss});
  std::vector<double> move(displacement.size());
  ToAxes(rotation, displacement, absl::MakeSpan(move));
  RefineMove(model, step.radius, absl::MakeSpan(move));
  RotateVertex(rotation, move, displacement);
  if (!step.models.empty()) step.models[row] = std::move(model);
}

double BlockRule::PredictedOf(const Step& step, absl::Span<const double> taken) const {
  const size_t dim = options_.particle_dim;
  std::vector<double> rotation(dim * dim);
  std::vector<double> move(dim);
  RotationTile tile = TileOf(true);
  double predicted = 0.0;
  for (uint32_t row = 0; row < step.rows; ++row) {
    if (!tile.Holds(row)) {
      DrawRotations(step.step, row, std::min<uint32_t>(kLanes, step.rows - row), tile);
    }
    if (step.models[row].known.empty()) continue;
    tile.Get(row, absl::MakeSpan(rotation));
    ToAxes(rotation, taken.subspan(row * dim, dim), absl::MakeSpan(move));
    predicted += PredictedChange(step.models[row], move);
  }
  return predicted;
}

// A new basis moves nothing, but whatever was gathered is of coordinates that are gone.
void BlockRule::RedrawIfDue() {
  if (!options_.subspace || options_.redraw_every == 0) return;
  if (updates_ % options_.redraw_every != 0) return;
  subspace_.Draw(context_.seed, static_cast<uint64_t>(updates_ / options_.redraw_every));
  accumulator_.Clear();
  weights_.Clear();
  std::fill(last_moves_.begin(), last_moves_.end(), 0.0);
}

void BlockRule::StartAt(absl::Span<const double> center) {
  center_.assign(center.begin(), center.end());
}

void BlockRule::Save(ByteWriter& writer) const {
  writer.I64(updates_);
  writer.Doubles(center_);
  writer.Doubles(last_moves_);
  weights_.Save(writer);
  accumulator_.Save(writer);
  radius_.Save(writer);
}

bool BlockRule::Restore(ByteReader& reader) {
  updates_ = reader.I64();
  std::vector<double> center = reader.Doubles();
  std::vector<double> last_moves = reader.Doubles();
  if (!reader.ok() || center.size() != center_.size() || updates_ < 0) return false;
  if (last_moves.size() != last_moves_.size()) return false;
  center_ = std::move(center);
  last_moves_ = std::move(last_moves);
  if (options_.subspace && options_.redraw_every > 0) {
    subspace_.Draw(context_.seed, static_cast<uint64_t>(updates_ / options_.redraw_every));
  }
  return weights_.Restore(reader) && accumulator_.Restore(reader) && radius_.Restore(reader);
}

}  // namespace polystep
