#include "server/rpc/frames_to_proto.h"

#include <vector>

#include "core/random/pseudo_normal.h"
#include "server/rpc/check_value.h"

namespace polystep {
namespace {

// The values of candidate m of `moves` in its frame, as SubspaceCandidates says.
void AddCandidate(const FrameMoves& moves, const Center& center, size_t m, CheckValue& check) {
  const uint32_t f = (moves.first_in_frame + static_cast<uint32_t>(m)) / moves.candidates_per_frame;
  const SearchSpace::Range range = moves.frames[f];
  const uint32_t k = moves.directions;
  std::vector<float> values(static_cast<size_t>(range.size));
  for (size_t i = 0; i < values.size(); ++i) {
    double offset = 0.0;
    for (uint32_t j = 0; j < k; ++j) {
      offset += static_cast<double>(moves.factors[m * k + j]) *
                PseudoNormal(moves.seed, (moves.first_frame + f) * k + j, static_cast<uint32_t>(i));
    }
    const double from = center.values[static_cast<size_t>(range.first) + i];
    values[i] = static_cast<float>(from + offset);
  }
  check.Add(range, values.data());
}

}  // namespace

v1::SubspaceCandidates FramesToProto(const FrameCandidates& frames) {
  const FrameMoves& moves = frames.moves;
  v1::SubspaceCandidates proto;
  CheckValue check(*frames.center);
  proto.set_center_id(frames.center->id);
  proto.set_unchanged(frames.unchanged);
  if (moves.directions > 0) {
    proto.set_direction_seed(moves.seed);
    proto.set_direction_count(moves.directions);
    proto.set_first_frame(moves.first_frame);
    proto.set_first_in_frame(moves.first_in_frame);
    proto.set_candidates_per_frame(moves.candidates_per_frame);
    proto.mutable_coordinates()->Add(moves.factors.begin(), moves.factors.end());
    for (const SearchSpace::Range& frame : moves.frames) {
      proto.add_frame_starts(static_cast<uint32_t>(frame.first));
      proto.add_frame_sizes(static_cast<uint32_t>(frame.size));
    }
    AddCandidate(moves, *frames.center, 0, check);
    AddCandidate(moves, *frames.center, moves.factors.size() / moves.directions - 1, check);
  }
  proto.set_check(check.value());
  return proto;
}

}  // namespace polystep
