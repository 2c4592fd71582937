// The one place where a status of ours becomes a status on the wire.
#ifndef POLYSTEP_SERVER_RPC_GRPC_STATUS_H_
#define POLYSTEP_SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace polystep {

// Same code and message. Details (google.rpc.Status in the binary trailer): ErrorInfo always, with
// the reason the status carries or else the name of its code; BadRequest for a field error;
// RetryInfo where the status carries a delay, and for every UNAVAILABLE and RESOURCE_EXHAUSTED.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_GRPC_STATUS_H_
