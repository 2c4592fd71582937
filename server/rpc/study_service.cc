#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/rpc/reactors.h"
#include "server/rpc/services.h"

namespace polystep {
namespace {

using Api = v1::StudyService;
using Bytes = grpc::ByteBuffer;
using Context = grpc::CallbackServerContext;
using Unary = grpc::ServerUnaryReactor;
using Writes = grpc::ServerWriteReactor<Bytes>;
using Reads = grpc::ServerReadReactor<Bytes>;
using RawService = Api::WithRawCallbackMethod_CreateStudy<Api::WithRawCallbackMethod_GetStudy<
    Api::WithRawCallbackMethod_ListStudies<Api::WithRawCallbackMethod_UpdateStudy<
        Api::WithRawCallbackMethod_DeleteStudy<Api::WithRawCallbackMethod_PauseStudy<
            Api::WithRawCallbackMethod_ResumeStudy<Api::WithRawCallbackMethod_StopStudy<
                Api::WithRawCallbackMethod_ListSteps<Api::WithRawCallbackMethod_WatchStudy<
                    Api::WithRawCallbackMethod_GetSolution<Api::WithRawCallbackMethod_UploadTensor<
                        Api::WithRawCallbackMethod_ExportStudy<
                            Api::WithRawCallbackMethod_ImportStudy<Api::Service>>>>>>>>>>>>>>;

absl::Status Later(const char* what) {
  return absl::UnimplementedError(absl::StrCat(what, " is not in this release"));
}

class StudyService final : public RawService {
 public:
  explicit StudyService(StudyCalls* calls) : calls_(calls) {}

  Unary* CreateStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::CreateStudy);
  }
  Unary* GetStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::GetStudy);
  }
  Unary* ListStudies(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::ListStudies);
  }
  Unary* UpdateStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::UpdateStudy);
  }
  Unary* DeleteStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::DeleteStudy);
  }
  Unary* PauseStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::PauseStudy);
  }
  Unary* ResumeStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::ResumeStudy);
  }
  Unary* StopStudy(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::StopStudy);
  }
  Unary* ListSteps(Context* context, const Bytes* request, Bytes* response) override {
    return RunUnary(context, request, response, calls_, &StudyCalls::ListSteps);
  }
  Writes* WatchStudy(Context*, const Bytes* request) override {
    return RunStream(request, calls_, &StudyCalls::WatchStudy);
  }
  Writes* GetSolution(Context*, const Bytes* request) override {
    return RunStream(request, calls_, &StudyCalls::GetSolution);
  }
  Reads* UploadTensor(Context*, Bytes* response) override {
    return new SinkReactor<v1::UploadTensorRequest, v1::UploadTensorResponse>(
        calls_->UploadTensor(), response);
  }
  Writes* ExportStudy(Context*, const Bytes*) override {
    return new RefusedWrites(Later("ExportStudy"));
  }
  Reads* ImportStudy(Context*, Bytes*) override { return new RefusedReads(Later("ImportStudy")); }

 private:
  StudyCalls* const calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStudyService(StudyCalls* calls) {
  return std::make_unique<StudyService>(calls);
}

}  // namespace polystep
