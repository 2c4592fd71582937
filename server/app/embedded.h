// A whole server in the caller's process: for `polystep minimize`, tests and small tools.
#ifndef POLYSTEP_SERVER_APP_EMBEDDED_H_
#define POLYSTEP_SERVER_APP_EMBEDDED_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace polystep {

class EmbeddedServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";  // port 0: any free port
    std::string data;                    // folder of the store; created if missing
  };

  // Recovers the store, then serves. The address is loopback only.
  static absl::StatusOr<std::unique_ptr<EmbeddedServer>> Start(Options options);
  virtual ~EmbeddedServer() = default;  // drains and stops

  virtual const std::string& address() const = 0;  // "127.0.0.1:PORT"
  // Refuses new leases, makes everything durable, then stops; at most `grace`.
  virtual void Shutdown(absl::Duration grace) = 0;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_EMBEDDED_H_
