#include "tests/unit/client/fake_transport.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace polystep::client {

using Lock = std::unique_lock<std::mutex>;

FakeTransport::FakeTransport() {
  study.set_name("studies/s");
  study.set_state(v1::Study::ACTIVE);
  v1::ParameterSpec* x = study.mutable_spec()->add_parameters();
  x->set_name("x");
  x->mutable_real();
}

std::string FakeTransport::AddLease(int64_t step, uint32_t first_index, uint32_t count,
                                    absl::Duration ttl) {
  v1::Lease lease;
  lease.set_token(absl::StrCat("lease ", step, " ", first_index));
  lease.set_step(step);
  lease.set_first_index(first_index);
  lease.set_count(count);
  lease.mutable_ttl()->set_seconds(absl::ToInt64Seconds(ttl));
  lease.mutable_ttl()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(ttl) % 1'000'000'000));
  v1::Column* column = lease.mutable_named()->add_columns();
  column->set_name("x");
  for (uint32_t i = 0; i < count; ++i) column->mutable_real()->add_values(first_index + i);
  std::string token = lease.token();
  Lock lock(mutex_);
  leases_.push_back(std::move(lease));
  changed_.notify_all();
  return token;
}

void FakeTransport::EndAfter(size_t answers) {
  Lock lock(mutex_);
  end_after_ = answers;
}

void FakeTransport::SetState(v1::Study::State state) {
  Lock lock(mutex_);
  study.set_state(state);
  changed_.notify_all();
}

void FakeTransport::SetFault(Fault fault) {
  Lock lock(mutex_);
  fault_ = std::move(fault);
}

void FakeTransport::SetTellAnswer(
    std::function<void(const v1::TellRequest&, v1::TellResponse&)> change) {
  Lock lock(mutex_);
  tell_answer_ = std::move(change);
}

bool FakeTransport::WaitUntil(const std::function<bool(FakeTransport&)>& condition) {
  Lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return condition(*this); });
}

absl::Status FakeTransport::Enter(const std::string& method) {
  int call = ++calls[method];
  changed_.notify_all();
  return fault_ ? fault_(method, call) : absl::OkStatus();
}

absl::StatusOr<v1::Study> FakeTransport::Answer(const std::string& method) {
  Lock lock(mutex_);
  if (absl::Status status = Enter(method); !status.ok()) return status;
  return study;
}

absl::StatusOr<v1::Study> FakeTransport::CreateStudy(const v1::CreateStudyRequest&,
                                                     const CallOptions&) {
  return Answer("CreateStudy");
}
absl::StatusOr<v1::Study> FakeTransport::GetStudy(const v1::GetStudyRequest&, const CallOptions&) {
  return Answer("GetStudy");
}
absl::StatusOr<v1::Study> FakeTransport::UpdateStudy(const v1::UpdateStudyRequest&,
                                                     const CallOptions&) {
  return Answer("UpdateStudy");
}
absl::Status FakeTransport::DeleteStudy(const v1::DeleteStudyRequest&, const CallOptions&) {
  return Answer("DeleteStudy").status();
}
absl::StatusOr<v1::Study> FakeTransport::PauseStudy(const v1::PauseStudyRequest&,
                                                    const CallOptions&) {
  return Answer("PauseStudy");
}
absl::StatusOr<v1::Study> FakeTransport::ResumeStudy(const v1::ResumeStudyRequest&,
                                                     const CallOptions&) {
  return Answer("ResumeStudy");
}
absl::StatusOr<v1::Study> FakeTransport::StopStudy(const v1::StopStudyRequest&,
                                                   const CallOptions&) {
  return Answer("StopStudy");
}

// Pages of at most two: "s0" to "s4".
absl::StatusOr<v1::ListStudiesResponse> FakeTransport::ListStudies(
    const v1::ListStudiesRequest& request, const CallOptions&) {
  Lock lock(mutex_);
  if (absl::Status status = Enter("ListStudies"); !status.ok()) return status;
  int first = request.page_token().empty() ? 0 : std::stoi(request.page_token());
  int end = std::min({first + request.page_size(), first + 2, 5});
  v1::ListStudiesResponse response;
  for (int i = first; i < end; ++i) response.add_studies()->set_name(absl::StrCat("studies/s", i));
  if (end < 5) response.set_next_page_token(absl::StrCat(end));
  return response;
}

absl::StatusOr<v1::ListStepsResponse> FakeTransport::ListSteps(const v1::ListStepsRequest& request,
                                                               const CallOptions&) {
  Lock lock(mutex_);
  if (absl::Status status = Enter("ListSteps"); !status.ok()) return status;
  int64_t step =
      request.page_token().empty() ? request.first_step() : std::stoi(request.page_token());
  v1::ListStepsResponse response;
  response.add_steps()->set_step(step);
  if (step < 4) response.set_next_page_token(absl::StrCat(step + 1));
  return response;
}

absl::Status FakeTransport::WatchStudy(const v1::WatchStudyRequest& request, const CallOptions&,
                                       const ReceiveUpdate& receive) {
  std::pair<std::vector<v1::WatchStudyResponse>, absl::Status> script;
  {
    Lock lock(mutex_);
    watches.push_back(request);
    if (absl::Status status = Enter("WatchStudy"); !status.ok()) return status;
    script = watch_script.front();
    watch_script.pop_front();
  }
  for (v1::WatchStudyResponse& message : script.first) {
    if (!receive(std::move(message))) return absl::OkStatus();
  }
  return script.second;
}

absl::Status FakeTransport::GetSolution(const v1::GetSolutionRequest&, const CallOptions&,
                                        const ReceiveChunk& receive) {
  {
    Lock lock(mutex_);
    if (absl::Status status = Enter("GetSolution"); !status.ok()) return status;
  }
  for (const v1::SolutionChunk& chunk : solution) receive(chunk);
  return absl::OkStatus();
}

absl::StatusOr<v1::UploadTensorResponse> FakeTransport::UploadTensor(const std::vector<int64_t>&,
                                                                     absl::Span<const float> values,
                                                                     const CallOptions&) {
  Lock lock(mutex_);
  if (absl::Status status = Enter("UploadTensor"); !status.ok()) return status;
  v1::UploadTensorResponse response;
  response.set_content_id(std::to_string(values.size()));
  return response;
}

absl::Status FakeTransport::GetCenter(const v1::GetCenterRequest& request, const CallOptions&,
                                      const ReceiveCenter& receive) {
  std::vector<v1::CenterChunk> chunks;
  {
    Lock lock(mutex_);
    center_requests.push_back(request);
    if (absl::Status status = Enter("GetCenter"); !status.ok()) return status;
    auto found = centers.find(request.center_id());
    if (found == centers.end()) return absl::NotFoundError("no such center");
    chunks = found->second;
  }
  for (const v1::CenterChunk& chunk : chunks) {
    if (!receive(chunk)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::AskResponse> FakeTransport::Ask(const v1::AskRequest& request,
                                                   const CallOptions& options) {
  Lock lock(mutex_);
  asks.push_back(request);
  if (absl::Status status = Enter("Ask"); !status.ok()) return status;
  changed_.wait(lock, options.stop,
                [&] { return !leases_.empty() || study.state() != v1::Study::ACTIVE; });
  if (options.stop.stop_requested()) return absl::CancelledError("cancelled");
  v1::AskResponse response;
  response.set_study_state(study.state());
  if (study.state() == v1::Study::ACTIVE) {
    *response.mutable_lease() = std::move(leases_.front());
    leases_.pop_front();
  }
  return response;
}

void FakeTransport::Record(const v1::LossSlice& slice, v1::TellResponse& response) {
  for (const v1::Failure& failure : slice.failures()) {
    failures[failure.index()] = failure;
  }
  for (int i = 0; i < slice.losses_size(); ++i) {
    uint32_t index = slice.first_index() + static_cast<uint32_t>(i);
    bool known = losses.contains(index);
    if (!failures.contains(index)) losses.emplace(index, slice.losses(i));
    response.set_accepted(response.accepted() + (known ? 0 : 1));
    response.set_duplicate(response.duplicate() + (known ? 1 : 0));
  }
}

absl::StatusOr<v1::TellResponse> FakeTransport::Tell(const v1::TellRequest& request,
                                                     const CallOptions&) {
  Lock lock(mutex_);
  tells.push_back(request);
  if (absl::Status status = Enter("Tell"); !status.ok()) return status;
  v1::TellResponse response;
  for (const v1::LossSlice& slice : request.slices()) Record(slice, response);
  if (losses.size() + failures.size() >= end_after_) study.set_state(v1::Study::SUCCEEDED);
  if (tell_answer_) tell_answer_(request, response);
  return response;
}

absl::StatusOr<v1::RenewResponse> FakeTransport::Renew(const v1::RenewRequest& request,
                                                       const CallOptions&) {
  Lock lock(mutex_);
  renewed.insert(renewed.end(), request.tokens().begin(), request.tokens().end());
  if (absl::Status status = Enter("Renew"); !status.ok()) return status;
  v1::RenewResponse response;
  for (int i = 0; i < request.tokens_size(); ++i) response.add_renewals()->set_known(true);
  return response;
}

absl::StatusOr<v1::ReleaseResponse> FakeTransport::Release(const v1::ReleaseRequest& request,
                                                           const CallOptions&) {
  Lock lock(mutex_);
  released.insert(released.end(), request.tokens().begin(), request.tokens().end());
  if (absl::Status status = Enter("Release"); !status.ok()) return status;
  return v1::ReleaseResponse();
}

absl::StatusOr<v1::ServerInfo> FakeTransport::GetServerInfo(const CallOptions&) {
  Lock lock(mutex_);
  if (absl::Status status = Enter("GetServerInfo"); !status.ok()) return status;
  return v1::ServerInfo();
}

}  // namespace polystep::client
