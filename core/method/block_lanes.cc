// The usual step of POLYSTEP_BLOCK, where every answer is a loss and displacements are taken as
// they are: losses to moves without leaving the lanes.
#include <array>

#include "core/base/wide.h"
#include "core/method/block.h"

namespace polystep {
namespace {

// center += moves, dim x kLanes, of kLanes blocks.
void AddMoves(size_t dim, const double* moves, double* center) {
  for (size_t l = 0; l < kLanes; ++l) {
    for (size_t j = 0; j < dim; ++j) center[l * dim + j] += moves[j * kLanes + l];
  }
}

// What MoveLanes and AddMoves do with an orthoplex in one dimension and in two, in the same bits:
// sums begin at zero.
POLYSTEP_WIDE void MoveSingles(const double* weights, double radius, double* center) {
  for (size_t l = 0; l < kLanes; ++l) {
    center[l] += (0.0 + (weights[l] - weights[kSoftmaxRows + l])) * radius;
  }
}

POLYSTEP_WIDE void MovePairs(const double* weights, const double* sin, const double* cos,
                             double radius, double* center) {
  for (size_t l = 0; l < kLanes; ++l) {
    const double x = weights[l] - weights[2 * kSoftmaxRows + l];
    const double y = weights[kSoftmaxRows + l] - weights[3 * kSoftmaxRows + l];
    center[2 * l] += ((0.0 + cos[l] * x) + -sin[l] * y) * radius;
    center[2 * l + 1] += ((0.0 + sin[l] * x) + cos[l] * y) * radius;
  }
}

}  // namespace

bool BlockRule::TakesPlainly() const {
  return subspace_.is_whole() && weights_.CanTakeParts() && options_.probes == 1 &&
         !options_.quadratic_model && !options_.biased_rotation && !accumulator_.active();
}

void BlockRule::MoveTileOf(int64_t step, uint32_t row, const double* weights, double radius,
                           RotationTile& tile) {
  const size_t dim = options_.particle_dim;
  double* const blocks = center_.data() + row * dim;
  const bool crossed = options_.polytope == Polytope::kOrthoplex;
  if (crossed && dim == 1) {
    MoveSingles(weights, radius, blocks);
  } else if (crossed && dim == 2) {
    double sin[kLanes];
    double cos[kLanes];
    FirstTurnLanes({context_.seed, static_cast<uint64_t>(step), row, Draw::kRotation}, sin, cos);
    MovePairs(weights, sin, cos, radius, blocks);
  } else {
    std::array<double, kMaxBlock * kLanes> moves;
    DrawRotations(step, row, kLanes, tile);
    MoveLanes(tile, vertices_, {weights, kSoftmaxRows}, radius,
              absl::MakeSpan(moves.data(), dim * kLanes));
    AddMoves(dim, moves.data(), blocks);
  }
}

uint32_t BlockRule::MoveInLanes(uint32_t first, uint32_t count, const Step& step) {
  if (!TakesPlainly()) return 0;
  const size_t dim = options_.particle_dim;
  const size_t width = vertex_count_;
  RotationTile tile = TileOf(false);
  uint32_t row = first;
  // The last block may have less than its coordinates.
  while (row + kSoftmaxRows <= first + count && (row + kSoftmaxRows) * dim <= center_.size()) {
    const double* const weights =
        weights_.SolveLanes(width, step.losses.subspan(row * width, kSoftmaxRows * width),
                            step.outcomes.subspan(row * width, kSoftmaxRows * width));
    if (weights == nullptr) break;
    for (uint32_t part = 0; part < kSoftmaxRows; part += kLanes) {
      MoveTileOf(step.step, row + part, weights + part, step.radius, tile);
    }
    row += kSoftmaxRows;
  }
  context_.space->Clamp(static_cast<int64_t>(first * dim),
                        absl::MakeSpan(center_).subspan(first * dim, (row - first) * dim));
  return row - first;
}

}  // namespace polystep
