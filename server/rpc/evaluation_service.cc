#include <grpcpp/grpcpp.h>

#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "server/rpc/reactors.h"
#include "server/rpc/services.h"

namespace polystep {
namespace {

using Context = grpc::CallbackServerContext;

class EvaluationService final : public v1::EvaluationService::CallbackService {
 public:
  explicit EvaluationService(EvaluationCalls* calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* Ask(Context* context, const v1::AskRequest* request,
                                v1::AskResponse* response) override {
    return RunUnary(calls_, &EvaluationCalls::Ask, context, request, response);
  }
  grpc::ServerUnaryReactor* Tell(Context* context, const v1::TellRequest* request,
                                 v1::TellResponse* response) override {
    return RunUnary(calls_, &EvaluationCalls::Tell, context, request, response);
  }
  grpc::ServerUnaryReactor* Renew(Context* context, const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override {
    return RunUnary(calls_, &EvaluationCalls::Renew, context, request, response);
  }
  grpc::ServerUnaryReactor* Release(Context* context, const v1::ReleaseRequest* request,
                                    v1::ReleaseResponse* response) override {
    return RunUnary(calls_, &EvaluationCalls::Release, context, request, response);
  }

  grpc::ServerWriteReactor<v1::CenterChunk>* GetCenter(Context*,
                                                       const v1::GetCenterRequest*) override {
    return new RefusedWrites<v1::CenterChunk>(
        absl::UnimplementedError("GetCenter is not in this release"));
  }

 private:
  EvaluationCalls* const calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEvaluationService(EvaluationCalls* calls) {
  return std::make_unique<EvaluationService>(calls);
}

}  // namespace polystep
