// EvaluationService without gRPC: each call checks and converts its request, runs the engine and
// answers in the messages of the API. Thread-safe.
#ifndef POLYSTEP_SERVER_RPC_EVALUATION_CALLS_H_
#define POLYSTEP_SERVER_RPC_EVALUATION_CALLS_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "polystep/v1/evaluation_service.pb.h"
#include "server/engine/engine.h"
#include "server/rpc/call.h"

namespace polystep {

class EvaluationCalls {
 public:
  explicit EvaluationCalls(Engine* engine) : engine_(engine) {}

  void Ask(const Call& call, const v1::AskRequest& request, Callback<v1::AskResponse> done);
  void Tell(const Call& call, const v1::TellRequest& request, Callback<v1::TellResponse> done);
  void Renew(const Call& call, const v1::RenewRequest& request, Callback<v1::RenewResponse> done);
  void Release(const Call& call, const v1::ReleaseRequest& request,
               Callback<v1::ReleaseResponse> done);

  std::shared_ptr<MessageSource<v1::CenterChunk>> GetCenter(const v1::GetCenterRequest& request);

  // Tells received since the start: a drain waits while this grows.
  int64_t tells() const { return tells_.load(std::memory_order_relaxed); }

 private:
  Engine* const engine_;
  std::atomic<int64_t> tells_{0};
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_EVALUATION_CALLS_H_
