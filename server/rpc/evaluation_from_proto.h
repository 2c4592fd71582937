// Requests of workers, from the wire. Pure functions; field paths are below the request.
#ifndef POLYSTEP_SERVER_RPC_EVALUATION_FROM_PROTO_H_
#define POLYSTEP_SERVER_RPC_EVALUATION_FROM_PROTO_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "server/engine/engine.h"

namespace polystep {

// A call that is answered too late is a lease lost: the wait ends this much before the deadline.
absl::Duration WaitWithin(absl::Duration wait, absl::Duration time_left);

// UNIMPLEMENTED where only encodings of a later release are offered.
absl::StatusOr<AskParams> AskFromProto(const v1::AskRequest& proto, absl::Duration time_left);

// A `next` without a study asks for more of the same one.
absl::StatusOr<TellParams> TellFromProto(const v1::TellRequest& proto, absl::Duration time_left);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_EVALUATION_FROM_PROTO_H_
