// Candidates of frames to the wire. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_FRAMES_TO_PROTO_H_
#define POLYSTEP_SERVER_RPC_FRAMES_TO_PROTO_H_

#include "polystep/v1/candidates.pb.h"
#include "server/engine/engine.h"

namespace polystep {

v1::SubspaceCandidates FramesToProto(const FrameCandidates& frames);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_FRAMES_TO_PROTO_H_
