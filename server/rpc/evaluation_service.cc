#include <grpcpp/grpcpp.h>

#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "server/rpc/reactors.h"
#include "server/rpc/services.h"

namespace polystep {
namespace {

using Api = v1::EvaluationService;
using Bytes = grpc::ByteBuffer;
using Context = grpc::CallbackServerContext;
using Unary = grpc::ServerUnaryReactor;
using Writes = grpc::ServerWriteReactor<Bytes>;
using RawService =
    Api::WithRawCallbackMethod_Ask<Api::WithRawCallbackMethod_Tell<Api::WithRawCallbackMethod_Renew<
        Api::WithRawCallbackMethod_Release<Api::WithRawCallbackMethod_GetCenter<Api::Service>>>>>;

class EvaluationService final : public RawService {
 public:
  explicit EvaluationService(EvaluationCalls* calls) : calls_(calls) {}

  Unary* Ask(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &EvaluationCalls::Ask);
  }
  Unary* Tell(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &EvaluationCalls::Tell);
  }
  Unary* Renew(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &EvaluationCalls::Renew);
  }
  Unary* Release(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &EvaluationCalls::Release);
  }
  Writes* GetCenter(Context*, const Bytes* request) override {
    return RunStream(request, calls_, &EvaluationCalls::GetCenter);
  }

 private:
  EvaluationCalls* const calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEvaluationService(EvaluationCalls* calls) {
  return std::make_unique<EvaluationService>(calls);
}

}  // namespace polystep
