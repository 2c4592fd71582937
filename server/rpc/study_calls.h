// StudyService without gRPC: each call checks and converts its request, runs the engine and answers
// in the messages of the API. Thread-safe.
#ifndef POLYSTEP_SERVER_RPC_STUDY_CALLS_H_
#define POLYSTEP_SERVER_RPC_STUDY_CALLS_H_

#include <atomic>
#include <memory>
#include <vector>

#include "google/protobuf/empty.pb.h"
#include "polystep/v1/study_service.pb.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "server/rpc/call.h"
#include "server/rpc/tensor_upload.h"

namespace polystep {

class StudyWatch;

class StudyCalls {
 public:
  explicit StudyCalls(Engine* engine) : engine_(engine) {}

  void CreateStudy(const Call& call, const v1::CreateStudyRequest& request,
                   Callback<v1::Study> done);
  void GetStudy(const Call& call, const v1::GetStudyRequest& request, Callback<v1::Study> done);
  void ListStudies(const Call& call, const v1::ListStudiesRequest& request,
                   Callback<v1::ListStudiesResponse> done);
  void UpdateStudy(const Call& call, const v1::UpdateStudyRequest& request,
                   Callback<v1::Study> done);
  void DeleteStudy(const Call& call, const v1::DeleteStudyRequest& request,
                   Callback<google::protobuf::Empty> done);
  void PauseStudy(const Call& call, const v1::PauseStudyRequest& request, Callback<v1::Study> done);
  void ResumeStudy(const Call& call, const v1::ResumeStudyRequest& request,
                   Callback<v1::Study> done);
  void StopStudy(const Call& call, const v1::StopStudyRequest& request, Callback<v1::Study> done);
  void ListSteps(const Call& call, const v1::ListStepsRequest& request,
                 Callback<v1::ListStepsResponse> done);

  // Streams; errors of the request come from the first Next.
  std::shared_ptr<MessageSource<v1::WatchStudyResponse>> WatchStudy(
      const v1::WatchStudyRequest& request);
  std::shared_ptr<MessageSource<v1::SolutionChunk>> GetSolution(
      const v1::GetSolutionRequest& request);

  // Takes the messages of one call.
  std::unique_ptr<TensorUpload> UploadTensor();

  // Ends every watch, and each that begins later, as the engine ends held polls when it drains.
  void EndWatches();

 private:
  Engine* const engine_;
  const std::shared_ptr<std::atomic<int>> uploads_ = std::make_shared<std::atomic<int>>(0);
  Mutex mutex_;
  bool watches_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::weak_ptr<StudyWatch>> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_STUDY_CALLS_H_
