// Candidates of frames whose directions are made again here. See SubspaceCandidates in
// candidates.proto.
#ifndef POLYSTEP_CLIENT_CPP_FRAME_DECODER_H_
#define POLYSTEP_CLIENT_CPP_FRAME_DECODER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "client/cpp/block_decoder.h"
#include "polystep/v1/candidates.pb.h"

namespace polystep::client {

// Number `element` of direction `direction`, from -1020 to 1020. tests/golden has vectors.
int32_t DirectionNumber(uint64_t seed, uint32_t direction, uint32_t element);

// `count` candidates of a lease around `center`, whose id is frames.center_id(). INTERNAL if the
// message does not hold what it promises or its check value is another: nothing may be told then.
absl::StatusOr<std::shared_ptr<const LeaseChanges>> DecodeFrames(
    const v1::SubspaceCandidates& frames, uint32_t count, std::shared_ptr<const Center> center);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_FRAME_DECODER_H_
