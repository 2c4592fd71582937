#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/rpc/reactors.h"
#include "server/rpc/services.h"

namespace polystep {
namespace {

using Context = grpc::CallbackServerContext;

absl::Status Later(const char* what) {
  return absl::UnimplementedError(absl::StrCat(what, " is not in this release"));
}

class StudyService final : public v1::StudyService::CallbackService {
 public:
  explicit StudyService(StudyCalls* calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* CreateStudy(Context* context, const v1::CreateStudyRequest* request,
                                        v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::CreateStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* GetStudy(Context* context, const v1::GetStudyRequest* request,
                                     v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::GetStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* ListStudies(Context* context, const v1::ListStudiesRequest* request,
                                        v1::ListStudiesResponse* response) override {
    return RunUnary(calls_, &StudyCalls::ListStudies, context, request, response);
  }
  grpc::ServerUnaryReactor* UpdateStudy(Context* context, const v1::UpdateStudyRequest* request,
                                        v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::UpdateStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* DeleteStudy(Context* context, const v1::DeleteStudyRequest* request,
                                        google::protobuf::Empty* response) override {
    return RunUnary(calls_, &StudyCalls::DeleteStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* PauseStudy(Context* context, const v1::PauseStudyRequest* request,
                                       v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::PauseStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* ResumeStudy(Context* context, const v1::ResumeStudyRequest* request,
                                        v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::ResumeStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* StopStudy(Context* context, const v1::StopStudyRequest* request,
                                      v1::Study* response) override {
    return RunUnary(calls_, &StudyCalls::StopStudy, context, request, response);
  }
  grpc::ServerUnaryReactor* ListSteps(Context* context, const v1::ListStepsRequest* request,
                                      v1::ListStepsResponse* response) override {
    return RunUnary(calls_, &StudyCalls::ListSteps, context, request, response);
  }

  grpc::ServerWriteReactor<v1::WatchStudyResponse>* WatchStudy(
      Context*, const v1::WatchStudyRequest* request) override {
    return new StreamReactor<v1::WatchStudyResponse>(calls_->WatchStudy(*request));
  }
  grpc::ServerWriteReactor<v1::SolutionChunk>* GetSolution(
      Context*, const v1::GetSolutionRequest* request) override {
    return new StreamReactor<v1::SolutionChunk>(calls_->GetSolution(*request));
  }
  grpc::ServerReadReactor<v1::UploadTensorRequest>* UploadTensor(
      Context*, v1::UploadTensorResponse*) override {
    return new RefusedReads<v1::UploadTensorRequest>(Later("UploadTensor"));
  }
  grpc::ServerWriteReactor<v1::ExportChunk>* ExportStudy(Context*,
                                                         const v1::ExportStudyRequest*) override {
    return new RefusedWrites<v1::ExportChunk>(Later("ExportStudy"));
  }
  grpc::ServerReadReactor<v1::ImportStudyRequest>* ImportStudy(Context*, v1::Study*) override {
    return new RefusedReads<v1::ImportStudyRequest>(Later("ImportStudy"));
  }

 private:
  StudyCalls* const calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStudyService(StudyCalls* calls) {
  return std::make_unique<StudyService>(calls);
}

}  // namespace polystep
