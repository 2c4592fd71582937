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

struct Shape {
  size_t dim;
  size_t vertices;
};

// mean = sum_v w_v u_v, then out = radius R mean; dim x kLanes each. Components of vertices that
// are zero change no sum.
POLYSTEP_WIDE void MoveLanes(const Shape& shape, const double* rotations, const double* vertices,
                             const double* weights, double radius, double* mean, double* out) {
  for (size_t n = 0; n < shape.dim * kLanes; ++n) mean[n] = 0.0;
  for (size_t v = 0; v < shape.vertices; ++v) {
    const double* const weight = weights + v * kLanes;
    for (size_t j = 0; j < shape.dim; ++j) {
      const double component = vertices[v * shape.dim + j];
      if (component == 0.0) continue;
      for (size_t l = 0; l < kLanes; ++l) mean[j * kLanes + l] += weight[l] * component;
    }
  }
  for (size_t i = 0; i < shape.dim; ++i) {
    double sum[kLanes] = {};
    for (size_t j = 0; j < shape.dim; ++j) {
      const double* const element = rotations + (i * shape.dim + j) * kLanes;
      for (size_t l = 0; l < kLanes; ++l) sum[l] += element[l] * mean[j * kLanes + l];
    }
    for (size_t l = 0; l < kLanes; ++l) out[i * kLanes + l] = sum[l] * radius;
  }
}

}  // namespace

RotationTile::RotationTile(uint32_t dim)
    : dim_(dim), lanes_(RotationLanesSize(static_cast<int>(dim))) {}

void RotationTile::Draw(const RowStreams& streams, uint32_t count) {
  first_ = streams.first_row;
  count_ = count;
  const auto dim = static_cast<int>(dim_);
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

void MoveTile(const RotationTile& tile, absl::Span<const double> vertices,
              absl::Span<const double> weights, double radius, absl::Span<double> displacements) {
  const size_t count = tile.count();
  const Shape shape = {displacements.size() / count, weights.size() / count};
  std::array<double, kMaxBlock * kLanes> mean;
  std::array<double, kMaxBlock * kLanes> moves;
  absl::InlinedVector<double, 2 * kMaxBlock * kLanes> lanes(shape.vertices * kLanes, 0.0);
  for (size_t l = 0; l < count; ++l) {
    for (size_t v = 0; v < shape.vertices; ++v) {
      lanes[v * kLanes + l] = weights[l * shape.vertices + v];
    }
  }
  MoveLanes(shape, tile.lanes().data(), vertices.data(), lanes.data(), radius, mean.data(),
            moves.data());
  for (size_t l = 0; l < count; ++l) {
    for (size_t j = 0; j < shape.dim; ++j) displacements[l * shape.dim + j] = moves[j * kLanes + l];
  }
}

}  // namespace polystep
