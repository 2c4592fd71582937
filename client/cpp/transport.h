// The seam between the client and the network: one method per call of the API.
//
// Real one: grpc_transport.h. Retrying decorator: retry.h. Tests use a fake. A method makes one
// attempt; an error has the code and message the server sent, its details as payloads
// (status_details.h). Implementations are thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_TRANSPORT_H_
#define POLYSTEP_CLIENT_CPP_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "polystep/v1/evaluation_service.pb.h"
#include "polystep/v1/server_service.pb.h"
#include "polystep/v1/study_service.pb.h"

namespace polystep::client {

struct CallOptions {
  absl::Duration timeout = absl::Seconds(30);  // of one attempt
  // Bounds the time spent on retries of this call further than the policy does.
  absl::Duration retry_for = absl::InfiniteDuration();
  std::stop_token stop = {};  // requested: the call ends with CANCELLED
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual absl::StatusOr<v1::Study> CreateStudy(const v1::CreateStudyRequest& request,
                                                const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::Study> GetStudy(const v1::GetStudyRequest& request,
                                             const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListStudiesResponse> ListStudies(const v1::ListStudiesRequest& request,
                                                              const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::Study> UpdateStudy(const v1::UpdateStudyRequest& request,
                                                const CallOptions& options) = 0;
  virtual absl::Status DeleteStudy(const v1::DeleteStudyRequest& request,
                                   const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::Study> PauseStudy(const v1::PauseStudyRequest& request,
                                               const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::Study> ResumeStudy(const v1::ResumeStudyRequest& request,
                                                const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::Study> StopStudy(const v1::StopStudyRequest& request,
                                              const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListStepsResponse> ListSteps(const v1::ListStepsRequest& request,
                                                          const CallOptions& options) = 0;

  // Streams: `receive` gets every message; returning false ends the call with OK.
  using ReceiveUpdate = std::function<bool(v1::WatchStudyResponse)>;
  virtual absl::Status WatchStudy(const v1::WatchStudyRequest& request, const CallOptions& options,
                                  const ReceiveUpdate& receive) = 0;
  using ReceiveChunk = std::function<bool(v1::SolutionChunk)>;
  virtual absl::Status GetSolution(const v1::GetSolutionRequest& request,
                                   const CallOptions& options, const ReceiveChunk& receive) = 0;

  // Sends `values`, as many as `shape` has elements, in messages of less than 1 MiB.
  virtual absl::StatusOr<v1::UploadTensorResponse> UploadTensor(const std::vector<int64_t>& shape,
                                                                absl::Span<const float> values,
                                                                const CallOptions& options) = 0;

  virtual absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest& request,
                                              const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest& request,
                                                const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                                  const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ReleaseResponse> Release(const v1::ReleaseRequest& request,
                                                      const CallOptions& options) = 0;

  using ReceiveCenter = std::function<bool(v1::CenterChunk)>;
  virtual absl::Status GetCenter(const v1::GetCenterRequest& request, const CallOptions& options,
                                 const ReceiveCenter& receive) = 0;

  virtual absl::StatusOr<v1::ServerInfo> GetServerInfo(const CallOptions& options) = 0;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_TRANSPORT_H_
