// A server for tests of the client: hands out scripted leases, keeps what it is told, fails on
// request. Holds an Ask without work until there is some, the study has ended, or the caller gives
// up. Thread-safe.
#ifndef POLYSTEP_TESTS_UNIT_CLIENT_FAKE_TRANSPORT_H_
#define POLYSTEP_TESTS_UNIT_CLIENT_FAKE_TRANSPORT_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "client/cpp/transport.h"

namespace polystep::client {

class FakeTransport : public Transport {
 public:
  FakeTransport();  // one study of one real parameter "x", ACTIVE

  // A lease on [first_index, first_index + count) of `step`, with x = index; its token.
  std::string AddLease(int64_t step, uint32_t first_index, uint32_t count,
                       absl::Duration ttl = absl::Seconds(60));
  // The study ends once this many indices are answered.
  void EndAfter(size_t answers);
  void SetState(v1::Study::State state);
  // Decides about every call ("Ask", 1 for the first); not OK: that is the answer.
  using Fault = std::function<absl::Status(const std::string& method, int call)>;
  void SetFault(Fault fault);
  // Changes the answer to a tell.
  void SetTellAnswer(std::function<void(const v1::TellRequest&, v1::TellResponse&)> change);

  // Blocks until `condition` holds (looked at after every call); false after 20 s.
  bool WaitUntil(const std::function<bool(FakeTransport&)>& condition);

  // What was called; read inside WaitUntil or when nobody calls any more.
  std::map<std::string, int> calls;
  std::map<uint32_t, double> losses;         // by index
  std::map<uint32_t, v1::Failure> failures;  // by index
  std::vector<v1::AskRequest> asks;
  std::vector<v1::TellRequest> tells;
  std::vector<std::string> renewed, released;  // tokens
  v1::Study study;
  std::vector<v1::WatchStudyRequest> watches;
  // One watch after the other: its messages, then its status.
  std::deque<std::pair<std::vector<v1::WatchStudyResponse>, absl::Status>> watch_script;
  std::vector<v1::SolutionChunk> solution;
  std::vector<v1::GetCenterRequest> center_requests;
  std::map<std::string, std::vector<v1::CenterChunk>> centers;  // by id; others are NOT_FOUND

  absl::StatusOr<v1::Study> CreateStudy(const v1::CreateStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::Study> GetStudy(const v1::GetStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::ListStudiesResponse> ListStudies(const v1::ListStudiesRequest&,
                                                      const CallOptions&) override;
  absl::StatusOr<v1::Study> UpdateStudy(const v1::UpdateStudyRequest&, const CallOptions&) override;
  absl::Status DeleteStudy(const v1::DeleteStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::Study> PauseStudy(const v1::PauseStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::Study> ResumeStudy(const v1::ResumeStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::Study> StopStudy(const v1::StopStudyRequest&, const CallOptions&) override;
  absl::StatusOr<v1::ListStepsResponse> ListSteps(const v1::ListStepsRequest&,
                                                  const CallOptions&) override;
  absl::Status WatchStudy(const v1::WatchStudyRequest&, const CallOptions&,
                          const ReceiveUpdate& receive) override;
  absl::Status GetSolution(const v1::GetSolutionRequest&, const CallOptions&,
                           const ReceiveChunk& receive) override;
  absl::StatusOr<v1::UploadTensorResponse> UploadTensor(const std::vector<int64_t>& shape,
                                                        absl::Span<const float> values,
                                                        const CallOptions&) override;
  absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest&, const CallOptions&) override;
  absl::StatusOr<v1::TellResponse> Tell(const v1::TellRequest&, const CallOptions&) override;
  absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest&, const CallOptions&) override;
  absl::StatusOr<v1::ReleaseResponse> Release(const v1::ReleaseRequest&,
                                              const CallOptions&) override;
  absl::Status GetCenter(const v1::GetCenterRequest&, const CallOptions&,
                         const ReceiveCenter& receive) override;
  absl::StatusOr<v1::ServerInfo> GetServerInfo(const CallOptions&) override;

 private:
  // Counts the call and asks the script about it. Needs the mutex.
  absl::Status Enter(const std::string& method);
  void Record(const v1::LossSlice& slice, v1::TellResponse& response);
  absl::StatusOr<v1::Study> Answer(const std::string& method);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<v1::Lease> leases_;
  size_t end_after_ = ~size_t{0};
  Fault fault_;
  std::function<void(const v1::TellRequest&, v1::TellResponse&)> tell_answer_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_TESTS_UNIT_CLIENT_FAKE_TRANSPORT_H_
