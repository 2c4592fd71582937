// The server put together: store, threads, engine, gRPC. The only place that constructs them.
//
// Start, Drain and the destructor belong to one thread; the rest may be called from any.
#ifndef POLYSTEP_SERVER_APP_ASSEMBLY_H_
#define POLYSTEP_SERVER_APP_ASSEMBLY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/thread_pool.h"
#include "server/engine/engine.h"
#include "server/rpc/server.h"
#include "server/storage/sqlite_storage.h"

namespace polystep {

class Assembly {
 public:
  struct Options {
    std::string listen;  // HOST:PORT; port 0: any free port
    std::string data;    // folder of the store; created if missing
    int threads = 0;     // of the engine; 0: as many as the machine has cores, at least 2
    int max_studies = 10'000;
    int max_waiters = 16'384;
    std::function<void(std::string)> log = [](std::string) {};
    // Called once, on a thread of the store, when nothing more can be made durable.
    std::function<void(absl::Status)> on_storage_failure = [](absl::Status) {};
  };

  // Opens the store, recovers every study, then serves. Errors say which folder or address:
  // FAILED_PRECONDITION where it is in use or not usable, DATA_LOSS where the store is corrupt.
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(Options options);
  ~Assembly();  // stops without waiting for tells

  const std::string& address() const { return rpc_->address(); }

  // NOT_SERVING; no new leases; held polls are answered. Losses are accepted until none came for
  // 0.6 s, or `grace` has passed, or `wait` says so. Then everything is durable and the server has
  // stopped. `wait` waits for at most its argument; true: hurry.
  absl::Status Drain(absl::Duration grace, const std::function<bool(absl::Duration)>& wait);

  // Stops at once, without touching the store again.
  void Abort();

 private:
  Assembly() = default;
  void StopServing(absl::Duration grace);

  // The order is that of construction; StopServing and the destructor go backwards.
  std::unique_ptr<ThreadPoolExecutor> executor_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RpcServer> rpc_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_ASSEMBLY_H_
