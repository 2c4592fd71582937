// What every study of one engine shares. The pointers outlive the engine; the rest is thread-safe.
#ifndef POLYSTEP_SERVER_ENGINE_ENGINE_CONTEXT_H_
#define POLYSTEP_SERVER_ENGINE_ENGINE_CONTEXT_H_

#include <atomic>
#include <memory>
#include <string>

#include "server/engine/engine.h"
#include "server/engine/token.h"
#include "server/engine/upload_store.h"

namespace polystep {

class StudyPool;

struct EngineContext : std::enable_shared_from_this<EngineContext> {
  // Room for one more long poll, taken; RESOURCE_EXHAUSTED if there is none.
  absl::Status AddWaiter();

  Engine::Options options;
  const Clock* clock = nullptr;
  Executor* executor = nullptr;
  Storage* storage = nullptr;
  std::shared_ptr<UploadStore> uploads;
  TokenSigner signer{""};  // constant after Engine::Recover

  std::atomic<bool> stopped = false;  // the engine is gone: queued tasks do nothing
  std::atomic<bool> draining = false;
  std::atomic<int> waiters = 0;  // long polls held
  std::atomic<bool> store_failure_logged = false;

  std::shared_ptr<StudyPool> pool;  // constant after the engine's constructor
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_ENGINE_CONTEXT_H_
