#include "client/cpp/grpc_transport.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>
#include <utility>

#include "client/cpp/status_details.h"
#include "google/rpc/status.pb.h"
#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "polystep/v1/server_service.grpc.pb.h"
#include "polystep/v1/study_service.grpc.pb.h"

namespace polystep::client {
namespace {

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

// A call's context with its deadline and its cancellation.
class Context {
 public:
  explicit Context(const CallOptions& options)
      : cancel_(std::in_place, options.stop, [this] { context_.TryCancel(); }) {
    if (options.timeout != absl::InfiniteDuration()) {
      context_.set_deadline(std::chrono::system_clock::now() +
                            absl::ToChronoNanoseconds(options.timeout));
    }
  }
  grpc::ClientContext* get() { return &context_; }

 private:
  grpc::ClientContext context_;
  // After the context: it is gone before the context is.
  std::optional<std::stop_callback<std::function<void()>>> cancel_;
};

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Unary(Stub& stub,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               const Request& request, const CallOptions& options) {
  Context context(options);
  Response response;
  grpc::Status status = (stub.*method)(context.get(), request, &response);
  if (!status.ok()) return ToAbsl(status);
  return response;
}

template <class Response>
absl::Status ReadAll(Context& context, grpc::ClientReader<Response>& reader,
                     const std::function<bool(Response)>& receive) {
  Response response;
  while (reader.Read(&response)) {
    if (!receive(std::exchange(response, Response()))) {
      context.get()->TryCancel();
      reader.Finish();
      return absl::OkStatus();
    }
  }
  return ToAbsl(reader.Finish());
}

constexpr size_t kUploadChunk = 128 * 1024;  // values of a message: 512 KiB

class GrpcTransport : public Transport {
 public:
  explicit GrpcTransport(const std::shared_ptr<grpc::Channel>& channel)
      : studies_(channel), evaluations_(channel), server_(channel) {}

  absl::StatusOr<v1::Study> CreateStudy(const v1::CreateStudyRequest& request,
                                        const CallOptions& options) override {
    return Unary(studies_, &Studies::CreateStudy, request, options);
  }
  absl::StatusOr<v1::Study> GetStudy(const v1::GetStudyRequest& request,
                                     const CallOptions& options) override {
    return Unary(studies_, &Studies::GetStudy, request, options);
  }
  absl::StatusOr<v1::ListStudiesResponse> ListStudies(const v1::ListStudiesRequest& request,
                                                      const CallOptions& options) override {
    return Unary(studies_, &Studies::ListStudies, request, options);
  }
  absl::StatusOr<v1::Study> UpdateStudy(const v1::UpdateStudyRequest& request,
                                        const CallOptions& options) override {
    return Unary(studies_, &Studies::UpdateStudy, request, options);
  }
  absl::Status DeleteStudy(const v1::DeleteStudyRequest& request,
                           const CallOptions& options) override {
    return Unary(studies_, &Studies::DeleteStudy, request, options).status();
  }
  absl::StatusOr<v1::Study> PauseStudy(const v1::PauseStudyRequest& request,
                                       const CallOptions& options) override {
    return Unary(studies_, &Studies::PauseStudy, request, options);
  }
  absl::StatusOr<v1::Study> ResumeStudy(const v1::ResumeStudyRequest& request,
                                        const CallOptions& options) override {
    return Unary(studies_, &Studies::ResumeStudy, request, options);
  }
  absl::StatusOr<v1::Study> StopStudy(const v1::StopStudyRequest& request,
                                      const CallOptions& options) override {
    return Unary(studies_, &Studies::StopStudy, request, options);
  }
  absl::StatusOr<v1::ListStepsResponse> ListSteps(const v1::ListStepsRequest& request,
                                                  const CallOptions& options) override {
    return Unary(studies_, &Studies::ListSteps, request, options);
  }
  absl::Status WatchStudy(const v1::WatchStudyRequest& request, const CallOptions& options,
                          const ReceiveUpdate& receive) override {
    Context context(options);
    return ReadAll(context, *studies_.WatchStudy(context.get(), request), receive);
  }
  absl::Status GetSolution(const v1::GetSolutionRequest& request, const CallOptions& options,
                           const ReceiveChunk& receive) override {
    Context context(options);
    return ReadAll(context, *studies_.GetSolution(context.get(), request), receive);
  }
  absl::StatusOr<v1::UploadTensorResponse> UploadTensor(const std::vector<int64_t>& shape,
                                                        absl::Span<const float> values,
                                                        const CallOptions& options) override {
    Context context(options);
    v1::UploadTensorResponse response;
    auto writer = studies_.UploadTensor(context.get(), &response);
    v1::UploadTensorRequest request;
    request.mutable_shape()->Add(shape.begin(), shape.end());
    size_t sent = 0;
    do {  // a write that fails: the status says why
      absl::Span<const float> part = values.subspan(sent, kUploadChunk);
      request.mutable_values()->Add(part.begin(), part.end());
      if (!writer->Write(request)) break;
      sent += part.size();
      request.Clear();
    } while (sent < values.size());
    writer->WritesDone();
    grpc::Status status = writer->Finish();
    if (!status.ok()) return ToAbsl(status);
    return response;
  }
  absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest& request,
                                      const CallOptions& options) override {
    return Unary(evaluations_, &Evaluations::Ask, request, options);
  }
  absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest& request,
                                        const CallOptions& options) override {
    return Unary(evaluations_, &Evaluations::Tell, request, options);
  }
  absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                          const CallOptions& options) override {
    return Unary(evaluations_, &Evaluations::Renew, request, options);
  }
  absl::StatusOr<v1::ReleaseResponse> Release(const v1::ReleaseRequest& request,
                                              const CallOptions& options) override {
    return Unary(evaluations_, &Evaluations::Release, request, options);
  }
  absl::Status GetCenter(const v1::GetCenterRequest& request, const CallOptions& options,
                         const ReceiveCenter& receive) override {
    Context context(options);
    return ReadAll(context, *evaluations_.GetCenter(context.get(), request), receive);
  }
  absl::StatusOr<v1::ServerInfo> GetServerInfo(const CallOptions& options) override {
    return Unary(server_, &Server::GetServerInfo, v1::GetServerInfoRequest(), options);
  }

 private:
  using Studies = v1::StudyService::Stub;
  using Evaluations = v1::EvaluationService::Stub;
  using Server = v1::ServerService::Stub;
  Studies studies_;
  Evaluations evaluations_;
  Server server_;
};

}  // namespace

std::shared_ptr<Transport> MakeGrpcTransport(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A restarted server is found again soon; the waiting between attempts is the retry policy's.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // retry.h knows which calls may be repeated
  return std::make_shared<GrpcTransport>(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

}  // namespace polystep::client
