#include "server/app/assembly.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#include "server/base/clock.h"
#include "server/base/random_bytes.h"

namespace polystep {
namespace {

// Without a tell for so long nobody is telling. Shorter than the delay that refused asks were told,
// so that their callers come back to a closed port (UNAVAILABLE) and not to one that is closing.
constexpr absl::Duration kQuiet = absl::Milliseconds(600);
constexpr absl::Duration kPollInterval = absl::Milliseconds(100);
constexpr absl::Duration kLastCalls = absl::Seconds(1);  // for calls in flight and open streams

int ThreadCount(int wanted) {
  if (wanted > 0) return wanted;
  return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(Options options) {
  std::unique_ptr<Assembly> assembly(new Assembly);
  SqliteStorage::Options store;
  store.path = options.data;
  store.writer.on_failure = options.on_storage_failure;
  auto storage = SqliteStorage::Open(std::move(store));
  if (!storage.ok()) return storage.status();
  assembly->executor_ = std::make_unique<ThreadPoolExecutor>(ThreadCount(options.threads));
  assembly->storage_ = *std::move(storage);
  Engine::Options engine;
  engine.max_studies = options.max_studies;
  engine.max_waiters = options.max_waiters;
  engine.log = options.log;
  engine.random_bytes = RandomBytes;
  RpcServer::Options rpc;
  rpc.listen = options.listen;
  rpc.version = POLYSTEP_VERSION;
  rpc.limits = engine;
  assembly->engine_ = std::make_unique<Engine>(std::move(engine), &SystemClock(),
                                               assembly->executor_.get(), assembly->storage_.get());
  absl::Status recovered = assembly->engine_->Recover();
  if (!recovered.ok()) return recovered;
  auto server = RpcServer::Start(std::move(rpc), assembly->engine_.get());
  if (!server.ok()) return server.status();
  assembly->rpc_ = *std::move(server);
  return assembly;
}

absl::Status Assembly::Drain(absl::Duration grace,
                             const std::function<bool(absl::Duration)>& wait) {
  rpc_->SetServing(false);
  auto drained = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> durable = drained->get_future();
  engine_->Drain([drained](absl::Status status) { drained->set_value(std::move(status)); });
  int64_t tells = rpc_->tells();
  absl::Duration quiet = absl::ZeroDuration();
  bool hurry = false;
  for (absl::Duration waited; !hurry && waited < grace && quiet < kQuiet; waited += kPollInterval) {
    hurry = wait(kPollInterval);
    quiet = rpc_->tells() == tells ? quiet + kPollInterval : absl::ZeroDuration();
    tells = rpc_->tells();
  }
  absl::Status status = durable.get();
  // Calls in flight are answered even without grace: a cancelled call would not be retried.
  StopServing(hurry ? absl::ZeroDuration() : kLastCalls);
  return status;
}

void Assembly::Abort() { StopServing(absl::ZeroDuration()); }

void Assembly::StopServing(absl::Duration grace) {
  if (rpc_ != nullptr) rpc_->Shutdown(grace);
  if (executor_ != nullptr) executor_->Shutdown();
  engine_ = nullptr;
  storage_ = nullptr;
}

Assembly::~Assembly() { StopServing(absl::ZeroDuration()); }

}  // namespace polystep
