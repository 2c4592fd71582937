#include "client/cpp/client.h"

#include <algorithm>
#include <utility>

#include "client/cpp/grpc_transport.h"
#include "client/cpp/request_id.h"

namespace polystep::client {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(20);
constexpr absl::Duration kUploadTimeout = absl::Minutes(10);  // of up to 40 MB
constexpr int kPageSize = 1000;

CallOptions Options() { return {.timeout = kCallTimeout}; }

template <class Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

}  // namespace

absl::StatusOr<v1::Study> Study::Get() const {
  return transport_->GetStudy(Named<v1::GetStudyRequest>(name_), Options());
}
absl::StatusOr<v1::Study> Study::Pause() const {
  return transport_->PauseStudy(Named<v1::PauseStudyRequest>(name_), Options());
}
absl::StatusOr<v1::Study> Study::Resume() const {
  return transport_->ResumeStudy(Named<v1::ResumeStudyRequest>(name_), Options());
}
absl::StatusOr<v1::Study> Study::Stop() const {
  return transport_->StopStudy(Named<v1::StopStudyRequest>(name_), Options());
}

absl::StatusOr<v1::Study> Study::Update(v1::Study study,
                                        const std::vector<std::string>& paths) const {
  v1::UpdateStudyRequest request;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  *request.mutable_study() = std::move(study);
  request.mutable_study()->set_name(name_);
  return transport_->UpdateStudy(request, Options());
}

absl::Status Study::Delete() const {
  return transport_->DeleteStudy(Named<v1::DeleteStudyRequest>(name_), Options());
}

absl::StatusOr<std::vector<v1::StepRecord>> Study::Steps(int64_t first_step, size_t limit) const {
  std::vector<v1::StepRecord> steps;
  v1::ListStepsRequest request;
  request.set_parent(name_);
  request.set_first_step(first_step);
  while (steps.size() < limit) {
    request.set_page_size(static_cast<int>(std::min<size_t>(kPageSize, limit - steps.size())));
    absl::StatusOr<v1::ListStepsResponse> page = transport_->ListSteps(request, Options());
    if (!page.ok()) return page.status();
    for (v1::StepRecord& step : *page->mutable_steps()) steps.push_back(std::move(step));
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return steps;
}

absl::Status Study::Watch(int64_t first_step,
                          const std::function<bool(const v1::WatchStudyResponse&)>& update,
                          std::stop_token stop) const {
  v1::WatchStudyRequest request = Named<v1::WatchStudyRequest>(name_);
  request.set_first_step(first_step);
  CallOptions options{.timeout = absl::InfiniteDuration(), .stop = stop};
  while (true) {
    bool received = false;
    bool wanted = true;
    absl::Status status =
        transport_->WatchStudy(request, options, [&](const v1::WatchStudyResponse& message) {
          received = true;
          if (message.steps_size() > 0) {
            request.set_first_step(message.steps(message.steps_size() - 1).step() + 1);
          }
          wanted = update(message);
          return wanted;
        });
    if (status.ok() || !wanted || stop.stop_requested()) return absl::OkStatus();
    // A stream that broke after it had delivered is opened again; one that never did has had all
    // the retries of the transport.
    if (!received || !IsRetryable(status, Retryable::kAlsoDeadline)) return status;
  }
}

absl::StatusOr<Point> Study::Solution(v1::GetSolutionRequest::Kind kind) const {
  v1::GetSolutionRequest request = Named<v1::GetSolutionRequest>(name_);
  request.set_kind(kind);
  Point point;
  absl::Status status =
      transport_->GetSolution(request, Options(), [&](const v1::SolutionChunk& chunk) {
        if (chunk.has_solution()) point.solution = chunk.solution();
        for (const v1::TensorChunk& piece : chunk.tensors()) {
          if (point.tensors.empty() || point.tensors.back().name != piece.name()) {
            point.tensors.push_back(
                {piece.name(), {piece.shape().begin(), piece.shape().end()}, {}});
          }
          std::vector<float>& values = point.tensors.back().values;
          values.insert(values.end(), piece.values().begin(), piece.values().end());
        }
        return true;
      });
  if (!status.ok()) return status;
  return point;
}

absl::StatusOr<v1::AskResponse> Study::Ask(v1::AskRequest request,
                                           const CallOptions& options) const {
  request.set_study(name_);
  return transport_->Ask(request, options);
}

absl::StatusOr<v1::TellResponse> Study::Tell(v1::TellRequest request,
                                             const CallOptions& options) const {
  request.set_study(name_);
  return transport_->Tell(request, options);
}

absl::StatusOr<v1::RenewResponse> Study::Renew(const std::vector<std::string>& tokens,
                                               const CallOptions& options) const {
  v1::RenewRequest request;
  request.set_study(name_);
  for (const std::string& token : tokens) request.add_tokens(token);
  return transport_->Renew(request, options);
}

absl::Status Study::Release(const std::vector<std::string>& tokens,
                            const CallOptions& options) const {
  v1::ReleaseRequest request;
  request.set_study(name_);
  for (const std::string& token : tokens) request.add_tokens(token);
  return transport_->Release(request, options).status();
}

WorkerSummary Study::RunWorker(Evaluator evaluator, WorkerOptions options) const {
  options.batch_size = 1;
  return client::RunWorker(transport_, name_, OneByOne(std::move(evaluator)), std::move(options));
}

WorkerSummary Study::RunBatchWorker(BatchEvaluator evaluator, WorkerOptions options) const {
  return client::RunWorker(transport_, name_, std::move(evaluator), std::move(options));
}

Client Client::Connect(const std::string& address, RetryOptions retry) {
  return Client(MakeRetryingTransport(MakeGrpcTransport(address), std::move(retry)));
}

absl::StatusOr<v1::Study> Client::CreateStudy(const std::string& study_id,
                                              const v1::StudySpec& spec,
                                              const CreateOptions& options) const {
  v1::CreateStudyRequest request;
  request.set_study_id(study_id);
  request.set_request_id(DrawRequestId());
  request.set_validate_only(options.validate_only);
  request.mutable_study()->set_display_name(options.display_name);
  request.mutable_study()->mutable_labels()->insert(options.labels.begin(), options.labels.end());
  *request.mutable_study()->mutable_spec() = spec;
  return transport_->CreateStudy(request, Options());
}

absl::StatusOr<std::string> Client::UploadTensor(const std::vector<int64_t>& shape,
                                                 absl::Span<const float> values) const {
  absl::StatusOr<v1::UploadTensorResponse> response =
      transport_->UploadTensor(shape, values, {.timeout = kUploadTimeout});
  if (!response.ok()) return response.status();
  return response->content_id();
}

absl::StatusOr<std::vector<v1::Study>> Client::ListStudies(size_t limit) const {
  std::vector<v1::Study> studies;
  v1::ListStudiesRequest request;
  while (studies.size() < limit) {
    request.set_page_size(static_cast<int>(std::min<size_t>(kPageSize, limit - studies.size())));
    absl::StatusOr<v1::ListStudiesResponse> page = transport_->ListStudies(request, Options());
    if (!page.ok()) return page.status();
    for (v1::Study& study : *page->mutable_studies()) studies.push_back(std::move(study));
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return studies;
}

absl::StatusOr<v1::ServerInfo> Client::ServerInfo() const {
  return transport_->GetServerInfo(Options());
}

}  // namespace polystep::client
