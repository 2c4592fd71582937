// Calls over gRPC. This header has no grpcpp in it, so that users of the library do not pay for it.
#ifndef POLYSTEP_CLIENT_CPP_GRPC_TRANSPORT_H_
#define POLYSTEP_CLIENT_CPP_GRPC_TRANSPORT_H_

#include <memory>
#include <string>

#include "client/cpp/transport.h"

namespace polystep::client {

// A channel to "HOST:PORT" with keepalive (30 s, given up after 10 s), without encryption. It
// connects with the first call and again whenever the server comes back.
std::shared_ptr<Transport> MakeGrpcTransport(const std::string& address);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_GRPC_TRANSPORT_H_
