// The gRPC server around an engine: services, health, reflection, limits of connections.
#ifndef POLYSTEP_SERVER_RPC_SERVER_H_
#define POLYSTEP_SERVER_RPC_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/engine.h"

namespace polystep {

class RpcServer {
 public:
  static constexpr int kMaxRequestBytes = 4 << 20;

  struct Options {
    std::string listen = "127.0.0.1:0";  // HOST:PORT; port 0: any free port
    std::string version;
    Engine::Options limits;  // what GetServerInfo tells of the engine
  };

  // Serves once it returns. FAILED_PRECONDITION where the address cannot be bound. The engine
  // outlives the server and answers every call before it goes.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(Options options, Engine* engine);
  virtual ~RpcServer() = default;  // Shutdown at once

  virtual const std::string& address() const = 0;  // HOST:PORT as bound
  // What the health service answers, for the whole server and for each of its services.
  virtual void SetServing(bool serving) = 0;
  // Tells received since the start.
  virtual int64_t tells() const = 0;
  // Ends watches, refuses new calls, lets those in flight end until `grace` has passed, cancels the
  // rest. Blocks.
  virtual void Shutdown(absl::Duration grace) = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SERVER_H_
