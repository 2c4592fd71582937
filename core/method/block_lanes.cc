// The usual step of POLYSTEP_BLOCK, where every answer is a loss and displacements are taken as
// they are: losses to moves without leaving the lanes.
#include <array>

#include "core/base/transpose.h"
#include "core/base/wide.h"
#include "core/method/block.h"

namespace polystep {
namespace {

// sum_v w_v u_v of an orthoplex, dim x kLanes: bit for bit what MoveLanes begins with.
POLYSTEP_WIDE void CrossedMeans(size_t dim, const double* weights, double* means) {
  for (size_t j = 0; j < dim; ++j) {
    const double* const ahead = weights + j * kSoftmaxRows;
    const double* const behind = ahead + dim * kSoftmaxRows;
    for (size_t l = 0; l < kLanes; ++l) means[j * kLanes + l] = ahead[l] - behind[l];
  }
}

// What MoveLanes and AddMoves do with an orthoplex in one dimension, in the same bits: sums begin
// at zero.
POLYSTEP_WIDE void MoveSingles(const double* weights, double radius, double* center) {
  for (size_t l = 0; l < kLanes; ++l) {
    center[l] += (0.0 + (weights[l] - weights[kSoftmaxRows + l])) * radius;
  }
}

}  // namespace

// What the next rows need, fetched while these are computed: a few cache lines between one piece
// of work and the next, as no more can be under way.
class BlockRule::Ahead {
 public:
  // Of kSoftmaxRows rows: `losses` and `center` are where those that come next begin.
  Ahead(size_t dim, const double* losses, const double* center)
      : dim_(dim),
        losses_(reinterpret_cast<const char*>(losses)),
        center_(reinterpret_cast<const char*>(center)) {}

  // One of kPieces parts.
  void Fetch() {
    Lines(2 * dim_ * kPart, losses_);
    Lines(dim_ * kPart, center_);
  }

  static constexpr size_t kPieces = 8;

 private:
  static constexpr size_t kPart = kSoftmaxRows * sizeof(double) / kPieces;

  static void Lines(size_t bytes, const char*& from) {
    for (size_t n = 0; n < bytes; n += 64) __builtin_prefetch(from + n);
    from += bytes;
  }

  size_t dim_;
  const char* losses_;
  const char* center_;
};

bool BlockRule::TakesPlainly() const {
  return subspace_.is_whole() && weights_.CanTakeParts() && options_.probes == 1 &&
         !options_.quadratic_model && !options_.biased_rotation && !accumulator_.active();
}

void BlockRule::MoveTileOf(int64_t step, uint32_t row, const double* weights, double radius,
                           Ahead& ahead, RotationTile& tile) {
  const size_t dim = options_.particle_dim;
  double* const blocks = center_.data() + row * dim;
  const bool crossed = options_.polytope == Polytope::kOrthoplex;
  if (crossed && dim == 1) {
    MoveSingles(weights, radius, blocks);
  } else {
    std::array<double, kMaxBlock * kLanes> storage;
    const absl::Span<double> moves(storage.data(), dim * kLanes);
    ahead.Fetch();
    DrawRotations(step, row, kLanes, tile);
    ahead.Fetch();
    if (crossed) {
      CrossedMeans(dim, weights, moves.data());
      ahead.Fetch();
      tile.Turn(moves);
      ahead.Fetch();
      AddLanesToRows(dim, radius, moves.data(), blocks);
    } else {
      MoveLanes(tile, vertices_, {weights, kSoftmaxRows}, radius, moves);
      AddLanesToRows(dim, 1.0, moves.data(), blocks);
    }
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
    Ahead ahead(dim, step.losses.data() + (row + kSoftmaxRows) * width,
                center_.data() + (row + kSoftmaxRows) * dim);
    for (uint32_t part = 0; part < kSoftmaxRows; part += kLanes) {
      MoveTileOf(step.step, row + part, weights + part, step.radius, ahead, tile);
    }
    row += kSoftmaxRows;
  }
  context_.space->Clamp(static_cast<int64_t>(first * dim),
                        absl::MakeSpan(center_).subspan(first * dim, (row - first) * dim));
  return row - first;
}

}  // namespace polystep
