#include <utility>

#include "client/cpp/retry.h"

namespace polystep::client {
namespace {

class RetryingTransport : public Transport {
 public:
  RetryingTransport(std::shared_ptr<Transport> transport, RetryOptions options)
      : transport_(std::move(transport)), options_(WithDefaults(std::move(options))) {}

  absl::StatusOr<v1::Study> CreateStudy(const v1::CreateStudyRequest& request,
                                        const CallOptions& options) override {
    return Call(&Transport::CreateStudy, request, options);
  }
  absl::StatusOr<v1::Study> GetStudy(const v1::GetStudyRequest& request,
                                     const CallOptions& options) override {
    return Call(&Transport::GetStudy, request, options);
  }
  absl::StatusOr<v1::ListStudiesResponse> ListStudies(const v1::ListStudiesRequest& request,
                                                      const CallOptions& options) override {
    return Call(&Transport::ListStudies, request, options);
  }
  absl::StatusOr<v1::Study> UpdateStudy(const v1::UpdateStudyRequest& request,
                                        const CallOptions& options) override {
    return Call(&Transport::UpdateStudy, request, options);
  }
  absl::Status DeleteStudy(const v1::DeleteStudyRequest& request,
                           const CallOptions& options) override {
    return RunWithRetries(options_, options, Retryable::kUnavailable,
                          [&] { return transport_->DeleteStudy(request, options); });
  }
  absl::StatusOr<v1::Study> PauseStudy(const v1::PauseStudyRequest& request,
                                       const CallOptions& options) override {
    return Call(&Transport::PauseStudy, request, options);
  }
  absl::StatusOr<v1::Study> ResumeStudy(const v1::ResumeStudyRequest& request,
                                        const CallOptions& options) override {
    return Call(&Transport::ResumeStudy, request, options);
  }
  absl::StatusOr<v1::Study> StopStudy(const v1::StopStudyRequest& request,
                                      const CallOptions& options) override {
    return Call(&Transport::StopStudy, request, options);
  }
  absl::StatusOr<v1::ListStepsResponse> ListSteps(const v1::ListStepsRequest& request,
                                                  const CallOptions& options) override {
    return Call(&Transport::ListSteps, request, options);
  }
  absl::Status WatchStudy(const v1::WatchStudyRequest& request, const CallOptions& options,
                          const ReceiveUpdate& receive) override {
    return Stream(&Transport::WatchStudy, request, options, receive);
  }
  absl::Status GetSolution(const v1::GetSolutionRequest& request, const CallOptions& options,
                           const ReceiveChunk& receive) override {
    return Stream(&Transport::GetSolution, request, options, receive);
  }
  absl::StatusOr<v1::UploadTensorResponse> UploadTensor(const std::vector<int64_t>& shape,
                                                        absl::Span<const float> values,
                                                        const CallOptions& options) override {
    absl::StatusOr<v1::UploadTensorResponse> response = absl::UnknownError("not called");
    absl::Status status = RunWithRetries(options_, options, Retryable::kAlsoExhausted, [&] {
      response = transport_->UploadTensor(shape, values, options);
      return response.status();
    });
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest& request,
                                      const CallOptions& options) override {
    return Call(&Transport::Ask, request, options, Retryable::kAlsoExhausted);
  }
  absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest& request,
                                        const CallOptions& options) override {
    return Call(&Transport::Tell, request, options, Retryable::kAlsoDeadline);
  }
  absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                          const CallOptions& options) override {
    return Call(&Transport::Renew, request, options, Retryable::kAlsoDeadline);
  }
  absl::StatusOr<v1::ReleaseResponse> Release(const v1::ReleaseRequest& request,
                                              const CallOptions& options) override {
    return Call(&Transport::Release, request, options, Retryable::kAlsoDeadline);
  }
  absl::Status GetCenter(const v1::GetCenterRequest& request, const CallOptions& options,
                         const ReceiveCenter& receive) override {
    return Stream(&Transport::GetCenter, request, options, receive);
  }
  absl::StatusOr<v1::ServerInfo> GetServerInfo(const CallOptions& options) override {
    absl::StatusOr<v1::ServerInfo> response = absl::UnknownError("not called");
    absl::Status status = RunWithRetries(options_, options, Retryable::kUnavailable, [&] {
      response = transport_->GetServerInfo(options);
      return response.status();
    });
    if (!status.ok()) return status;
    return response;
  }

 private:
  template <class Request, class Response>
  absl::StatusOr<Response> Call(absl::StatusOr<Response> (Transport::*method)(const Request&,
                                                                              const CallOptions&),
                                const Request& request, const CallOptions& options,
                                Retryable retryable = Retryable::kUnavailable) {
    absl::StatusOr<Response> response = absl::UnknownError("not called");
    absl::Status status = RunWithRetries(options_, options, retryable, [&] {
      response = ((*transport_).*method)(request, options);
      return response.status();
    });
    if (!status.ok()) return status;
    return response;
  }

  template <class Request, class Message>
  absl::Status Stream(absl::Status (Transport::*method)(const Request&, const CallOptions&,
                                                        const std::function<bool(Message)>&),
                      const Request& request, const CallOptions& options,
                      const std::function<bool(Message)>& receive) {
    bool received = false;
    absl::Status last;
    absl::Status status = RunWithRetries(options_, options, Retryable::kUnavailable, [&] {
      last = ((*transport_).*method)(request, options, [&](Message message) {
        received = true;
        return receive(std::move(message));
      });
      return received ? absl::OkStatus() : last;
    });
    return received ? last : status;
  }

  std::shared_ptr<Transport> transport_;
  RetryOptions options_;
};

}  // namespace

std::shared_ptr<Transport> MakeRetryingTransport(std::shared_ptr<Transport> transport,
                                                 RetryOptions options) {
  return std::make_shared<RetryingTransport>(std::move(transport), std::move(options));
}

}  // namespace polystep::client
