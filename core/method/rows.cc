#include "core/method/rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/random/pseudo_normal.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr uint32_t kRowsTogether = 64;  // whose weights are solved at once
constexpr float kReachGrowth = 1.5F;
constexpr float kReachDecay = 0.9F;
constexpr float kFarthest = 32.0F;  // of a row's probes, in probe radii
constexpr size_t kTile = 256;       // coordinates whose direction is summed in the cache

// values[i] = center[i] + factor number i of the direction, in the precision candidates have.
POLYSTEP_WIDE void MoveAlong(uint64_t seed, uint32_t direction, float factor, const double* center,
                             uint32_t size, double* values) {
  for (uint32_t i = 0; i < size; ++i) {
    const double offset = static_cast<double>(factor) * PseudoNormal(seed, direction, i);
    values[i] = static_cast<double>(static_cast<float>(center[i] + offset));
  }
}

// sum[i] += factor number first + i of the direction.
POLYSTEP_WIDE void AddDirection(uint64_t seed, uint32_t direction, uint32_t first, float factor,
                                uint32_t size, float* sum) {
  for (uint32_t i = 0; i < size; ++i) {
    sum[i] += factor * static_cast<float>(PseudoNormal(seed, direction, first + i));
  }
}

// Multiplies by `share`, in the precision centers have.
POLYSTEP_WIDE void Shrink(double share, absl::Span<double> point) {
  for (double& c : point) c = static_cast<double>(static_cast<float>(share * c));
}

bool AnyAnswer(absl::Span<const Outcome> outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](Outcome outcome) { return outcome != Outcome::kMissing; });
}

}  // namespace

std::vector<TensorRow> RowsOf(const SearchSpace& space) {
  std::vector<TensorRow> rows;
  int64_t first = 0;
  for (size_t t = 0; t < space.tensors().size(); ++t) {
    const TensorSpec& tensor = space.tensors()[t];
    const int64_t count = tensor.shape.size() > 1 ? tensor.shape[0] : 1;
    int64_t size = tensor.shape.size() > 1 ? 1 : tensor.shape[0];
    for (size_t axis = 1; axis < tensor.shape.size(); ++axis) size *= tensor.shape[axis];
    const int64_t parts = (size + kLongestRow - 1) / kLongestRow;
    for (int64_t part = 0; part < count * parts; ++part) {
      const int64_t begin = size * (part % parts) / parts;
      const int64_t end = size * (part % parts + 1) / parts;
      rows.push_back({{first, end - begin}, static_cast<uint32_t>(t)});
      first += end - begin;
    }
  }
  return rows;
}

RowsRule::RowsRule(RuleContext context, RowsOptions options)
    : context_(std::move(context)),
      options_(options),
      rows_(RowsOf(*context_.space)),
      weights_(options_.transport, Polytope::kOrthoplex),
      adam_(options_.adam, static_cast<size_t>(context_.space->dimension())),
      rates_(context_.space->tensors().size()) {
  for (const TensorRow& row : rows_) {
    width_ = std::max(width_, static_cast<uint32_t>(row.range.size));
  }
  const auto& tensors = context_.space->tensors();
  unbounded_ = std::none_of(tensors.begin(), tensors.end(),
                            [](const TensorSpec& tensor) { return tensor.min.has_value(); });
  reach_.assign(rows_.size(), 1.0F);
  RowsRule::StartAt(context_.space->InitialCoordinates(context_.seed));
}

void RowsRule::StartAt(absl::Span<const double> center) {
  center_.assign(center.begin(), center.end());
  for (double& c : center_) c = static_cast<double>(static_cast<float>(c));
}

StepShape RowsRule::Shape() const {
  return {static_cast<uint32_t>(rows_.size()), 2 * options_.frame_size, 1};
}

uint64_t RowsRule::DirectionSeed(int64_t step) const {
  return RandomStream(context_.seed, static_cast<uint64_t>(step), 0, Draw::kFrame).NextU64();
}

float RowsRule::ProbeFactor(uint32_t row) const {
  const auto size = static_cast<double>(rows_[row].range.size);
  return static_cast<float>(reach_[row] * options_.probe_radius.At(updates_) /
                            (kPseudoNormalDeviation * std::sqrt(size)));
}

void RowsRule::AdaptReach(uint32_t row, absl::Span<const double> losses,
                          absl::Span<const Outcome> outcomes) {
  const bool flat = std::all_of(outcomes.begin(), outcomes.end(),
                                [](Outcome outcome) { return outcome == Outcome::kLoss; }) &&
                    std::all_of(losses.begin(), losses.end(),
                                [&](double loss) { return loss == losses.front(); });
  reach_[row] = flat ? std::min(kFarthest, kReachGrowth * reach_[row])
                     : std::max(1.0F, kReachDecay * reach_[row]);
}

void RowsRule::Candidates(int64_t step, uint32_t first, uint32_t count,
                          absl::Span<double> out) const {
  WholeCandidates(step, first, count, out);
}

void RowsRule::Changes(int64_t step, uint32_t first, absl::Span<SearchSpace::Range> ranges,
                       absl::Span<double> values) const {
  const uint64_t seed = DirectionSeed(step);
  const uint32_t k = options_.frame_size;
  for (size_t n = 0; n < ranges.size(); ++n) {
    const uint32_t index = first + static_cast<uint32_t>(n);
    const uint32_t row = index / (2 * k);
    const uint32_t vertex = index % (2 * k);
    ranges[n] = rows_[row].range;
    const float factor = vertex < k ? ProbeFactor(row) : -ProbeFactor(row);
    const absl::Span<double> moved =
        values.subspan(n * width_, static_cast<size_t>(ranges[n].size));
    MoveAlong(seed, row * k + vertex % k, factor, center_.data() + ranges[n].first,
              static_cast<uint32_t>(moved.size()), moved.data());
    context_.space->Clamp(ranges[n].first, moved);
  }
}

FrameMoves RowsRule::Frames(int64_t step, uint32_t first, uint32_t count) const {
  const uint32_t k = options_.frame_size;
  FrameMoves moves;
  moves.seed = DirectionSeed(step);
  moves.directions = k;
  moves.candidates_per_frame = 2 * k;
  moves.first_frame = first / (2 * k);
  moves.first_in_frame = first % (2 * k);
  moves.factors.assign(size_t{count} * k, 0.0F);
  for (uint32_t n = 0; n < count; ++n) {
    const uint32_t row = (first + n) / (2 * k);
    const uint32_t vertex = (first + n) % (2 * k);
    if (row - moves.first_frame == moves.frames.size()) moves.frames.push_back(rows_[row].range);
    const float factor = ProbeFactor(row);
    moves.factors[size_t{n} * k + vertex % k] = vertex < k ? factor : -factor;
  }
  return moves;
}

StepLengths RowsRule::Update(const StepAnswers& answers) {
  const uint32_t vertices = 2 * options_.frame_size;
  const uint64_t seed = DirectionSeed(answers.step);
  StepLengths lengths;
  const double radius = options_.step_radius.At(updates_);
  lengths.step_radius = radius * rates_.mean();
  lengths.probe_distance = options_.probe_radius.At(updates_);
  adam_.BeginStep();
  std::vector<double> weights(size_t{kRowsTogether} * vertices);
  weights_.Begin(updates_);
  for (uint32_t row = 0; row < answers.rows; row += kRowsTogether) {
    const uint32_t count = std::min(kRowsTogether, answers.rows - row);
    const size_t from = size_t{row} * vertices;
    const size_t size = size_t{count} * vertices;
    const LossMatrix matrix = {
        count, vertices, answers.losses.subspan(from, size), answers.outcomes.subspan(from, size),
        answers.violations.empty() ? answers.violations : answers.violations.subspan(from, size)};
    const absl::Span<double> solved = absl::MakeSpan(weights).subspan(0, size);
    weights_.SolvePart(matrix, solved);
    for (uint32_t r = 0; r < count; ++r) {
      const auto outcomes = matrix.outcomes.subspan(size_t{r} * vertices, vertices);
      if (!AnyAnswer(outcomes)) continue;
      AdaptReach(row + r, matrix.losses.subspan(size_t{r} * vertices, vertices), outcomes);
      MoveRow(seed, row + r, solved.subspan(size_t{r} * vertices, vertices), radius);
    }
  }
  weights_.Finish();
  rates_.EndStep();
  ++updates_;
  return lengths;
}

void RowsRule::MoveRow(uint64_t seed, uint32_t row, absl::Span<const double> weights,
                       double radius) {
  const uint32_t k = options_.frame_size;
  const SearchSpace::Range range = rows_[row].range;
  const uint32_t tensor = rows_[row].tensor;
  const double rate = rates_.factor(tensor) * radius / std::sqrt(static_cast<double>(range.size));
  std::array<float, kTile> direction;
  for (int64_t first = 0; first < range.size; first += kTile) {
    const auto size = static_cast<uint32_t>(std::min<int64_t>(kTile, range.size - first));
    std::fill_n(direction.begin(), size, 0.0F);
    for (uint32_t j = 0; j < k; ++j) {
      const auto factor =
          static_cast<float>((weights[j] - weights[k + j]) / kPseudoNormalDeviation);
      AddDirection(seed, row * k + j, static_cast<uint32_t>(first), factor, size, direction.data());
    }
    const auto at = static_cast<size_t>(range.first + first);
    const absl::Span<double> point = absl::MakeSpan(center_).subspan(at, size);
    rates_.Add(tensor, adam_.Move(at, absl::MakeConstSpan(direction.data(), size), rate, point));
    if (options_.weight_decay > 0.0) Shrink(1.0 - options_.weight_decay * radius, point);
    context_.space->Clamp(static_cast<int64_t>(at), point);
  }
}

void RowsRule::Save(ByteWriter& writer) const {
  writer.Floats(std::vector<float>(center_.begin(), center_.end()));
  writer.I64(updates_);
  weights_.Save(writer);
  adam_.Save(writer);
  rates_.Save(writer);
  writer.Floats(reach_);
}

bool RowsRule::Restore(ByteReader& reader) {
  const std::vector<float> center = reader.Floats();
  if (center.size() != center_.size()) return false;
  center_.assign(center.begin(), center.end());
  updates_ = reader.I64();
  if (!weights_.Restore(reader) || !adam_.Restore(reader) || !rates_.Restore(reader)) return false;
  reach_ = reader.Floats();
  return reader.ok() && updates_ >= 0 && reach_.size() == rows_.size() &&
         std::all_of(reach_.begin(), reach_.end(),
                     [](float reach) { return reach >= 1.0F && reach <= kFarthest; });
}

}  // namespace polystep
