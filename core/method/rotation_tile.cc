#include "core/method/rotation_tile.h"

#include <algorithm>
#include <array>

#include "absl/container/inlined_vector.h"
#include "core/frames/rotation.h"
#include "core/frames/rotation_lanes.h"
#include "core/method/block.h"

namespace polystep {
namespace {

// Fewer rows are drawn one by one.
constexpr uint32_t kFewRows = 4;

// mean = sum_v w_v u_v. Components of vertices that are zero change no sum.
POLYSTEP_WIDE void MeanLanes(size_t dim, absl::Span<const double> vertices,
                             const WeightLanes& weights, double* mean) {
  const size_t count = vertices.size() / dim;
  for (size_t n = 0; n < dim * kLanes; ++n) mean[n] = 0.0;
  for (size_t v = 0; v < count; ++v) {
    const double* const weight = weights.first + v * weights.stride;
    for (size_t j = 0; j < dim; ++j) {
      const double component = vertices[v * dim + j];
      if (component == 0.0) continue;
      for (size_t l = 0; l < kLanes; ++l) mean[j * kLanes + l] += weight[l] * component;
    }
  }
}

// x = R x of matrices dim x dim x kLanes.
POLYSTEP_WIDE void TurnByMatrices(size_t dim, const double* matrices, double* x) {
  double before[kMaxBlock * kLanes];
  for (size_t n = 0; n < dim * kLanes; ++n) before[n] = x[n];
  for (size_t i = 0; i < dim; ++i) {
    double sum[kLanes] = {};
    for (size_t j = 0; j < dim; ++j) {
      const double* const element = matrices + (i * dim + j) * kLanes;
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): set above, dim is not 0
      for (size_t l = 0; l < kLanes; ++l) sum[l] += element[l] * before[j * kLanes + l];
    }
    for (size_t l = 0; l < kLanes; ++l) x[i * kLanes + l] = sum[l];
  }
}

POLYSTEP_WIDE void ScaleLanes(double factor, size_t count, double* x) {
  for (size_t n = 0; n < count; ++n) x[n] *= factor;
}

}  // namespace

RotationTile::RotationTile(uint32_t dim, RotationKind kind, bool matrices)
    : dim_(dim), has_matrices_(matrices || kind != RotationKind::kReflections || dim == 1) {
  if (kind == RotationKind::kReflections && dim > 1) {
    reflections_.emplace(static_cast<int>(dim));
  }
  if (has_matrices_) lanes_.resize(RotationLanesSize(static_cast<int>(dim)));
}

void RotationTile::Draw(const RowStreams& streams, uint32_t count) {
  first_ = streams.first_row;
  count_ = count;
  const auto dim = static_cast<int>(dim_);
  if (reflections_) {
    reflections_->Draw(streams);
    if (has_matrices_) {
      reflections_->Matrices(absl::MakeSpan(lanes_).subspan(0, size_t{dim_} * dim_ * kLanes));
    }
    return;
  }
  if (count >= kFewRows) {
    HaarRotationLanes(dim, streams, absl::MakeSpan(lanes_));
    return;
  }
  std::array<double, kMaxBlock * kMaxBlock> rotation;
  for (uint32_t l = 0; l < count; ++l) {
    RandomStream stream(streams.seed, streams.step, first_ + l, streams.draw);
    HaarRotation(dim, stream, absl::MakeSpan(rotation.data(), size_t{dim_} * dim_));
    Put(first_ + l, rotation);
  }
}

void RotationTile::Get(uint32_t row, absl::Span<double> rotation) const {
  const double* const lane = lanes_.data() + (row - first_);
  for (size_t n = 0; n < size_t{dim_} * dim_; ++n) rotation[n] = lane[n * kLanes];
}

void RotationTile::Put(uint32_t row, absl::Span<const double> rotation) {
  double* const lane = lanes_.data() + (row - first_);
  for (size_t n = 0; n < size_t{dim_} * dim_; ++n) lane[n * kLanes] = rotation[n];
}

void RotationTile::Turn(absl::Span<double> x) const {
  if (has_matrices_) {
    TurnByMatrices(dim_, lanes_.data(), x.data());
  } else {
    reflections_->Turn(x);
  }
}

void MoveLanes(const RotationTile& tile, absl::Span<const double> vertices,
               const WeightLanes& weights, double radius, absl::Span<double> moves) {
  MeanLanes(moves.size() / kLanes, vertices, weights, moves.data());
  tile.Turn(moves);
  ScaleLanes(radius, moves.size(), moves.data());
}

void MoveTile(const RotationTile& tile, absl::Span<const double> vertices,
              absl::Span<const double> weights, double radius, absl::Span<double> displacements) {
  const size_t count = tile.count();
  const size_t dim = displacements.size() / count;
  const size_t vertex_count = weights.size() / count;
  std::array<double, kMaxBlock * kLanes> storage;
  const absl::Span<double> moves(storage.data(), dim * kLanes);
  absl::InlinedVector<double, 2 * kMaxBlock * kLanes> lanes(vertex_count * kLanes, 0.0);
  for (size_t l = 0; l < count; ++l) {
    for (size_t v = 0; v < vertex_count; ++v) {
      lanes[v * kLanes + l] = weights[l * vertex_count + v];
    }
  }
  MoveLanes(tile, vertices, {lanes.data()}, radius, moves);
  for (size_t l = 0; l < count; ++l) {
    for (size_t j = 0; j < dim; ++j) displacements[l * dim + j] = moves[j * kLanes + l];
  }
}

}  // namespace polystep
