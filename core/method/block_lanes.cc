// The usual step of POLYSTEP_BLOCK, where every answer is a loss and displacements are taken as
// they are: losses to moves without leaving the lanes.
#include <array>

#include "core/base/wide.h"
#include "core/method/block.h"

namespace polystep {
namespace {

// center += moves, dim x kLanes, of kLanes blocks.
template <size_t kDim>
POLYSTEP_INLINE void AddMoves(size_t dim, const double* moves, double* center) {
  const size_t count = kDim > 0 ? kDim : dim;
  for (size_t l = 0; l < kLanes; ++l) {
    for (size_t j = 0; j < count; ++j) center[l * count + j] += moves[j * kLanes + l];
  }
}

POLYSTEP_WIDE void AddSingles(const double* moves, double* center) {
  AddMoves<1>(1, moves, center);
}
POLYSTEP_WIDE void AddPairs(const double* moves, double* center) { AddMoves<2>(2, moves, center); }

}  // namespace

bool BlockRule::TakesPlainly() const {
  return subspace_.is_whole() && weights_.CanTakeParts() && options_.probes == 1 &&
         !options_.quadratic_model && !options_.biased_rotation && !accumulator_.active();
}

uint32_t BlockRule::MoveInLanes(uint32_t first, uint32_t count, const Step& step) {
  if (!TakesPlainly()) return 0;
  const size_t dim = options_.particle_dim;
  const size_t width = vertex_count_;
  RotationTile tile = TileOf(false);
  std::array<double, kMaxBlock * kLanes> storage;
  const absl::Span<double> moves(storage.data(), dim * kLanes);
  uint32_t row = first;
  // The last block may have less than its coordinates.
  while (row + kSoftmaxRows <= first + count && (row + kSoftmaxRows) * dim <= center_.size()) {
    const double* const weights =
        weights_.SolveLanes(width, step.losses.subspan(row * width, kSoftmaxRows * width),
                            step.outcomes.subspan(row * width, kSoftmaxRows * width));
    if (weights == nullptr) break;
    for (uint32_t part = 0; part < kSoftmaxRows; part += kLanes) {
      DrawRotations(step.step, row + part, kLanes, tile);
      MoveLanes(tile, vertices_, {weights + part, kSoftmaxRows}, step.radius, moves);
      double* const block = center_.data() + (row + part) * dim;
      if (dim == 1) {
        AddSingles(moves.data(), block);
      } else if (dim == 2) {
        AddPairs(moves.data(), block);
      } else {
        AddMoves<0>(dim, moves.data(), block);
      }
    }
    row += kSoftmaxRows;
  }
  context_.space->Clamp(static_cast<int64_t>(first * dim),
                        absl::MakeSpan(center_).subspan(first * dim, (row - first) * dim));
  return row - first;
}

}  // namespace polystep
