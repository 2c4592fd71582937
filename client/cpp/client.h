// The client library: a Client is a server to talk to, a Study one study on it.
//
// Both are cheap values over a shared Transport, with the retry rules of the API. Thread-safe:
// copies and the same value may be used from several threads.
//
//   Client client = Client::Connect("localhost:50051");
//   absl::StatusOr<v1::Study> created = client.CreateStudy("lens", spec, {});
//   WorkerSummary summary = client.GetStudy("lens").RunWorker(
//       [](const Candidate& c, const EvaluationContext&) { return Simulate(*c.Real("radius")); },
//       {.slots = 4});
#ifndef POLYSTEP_CLIENT_CPP_CLIENT_H_
#define POLYSTEP_CLIENT_CPP_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/evaluation.h"
#include "client/cpp/retry.h"
#include "client/cpp/transport.h"
#include "client/cpp/worker.h"

namespace polystep::client {

// A point the search found, with its tensors. `solution.loss` is absent where it is not known.
struct Point {
  v1::Solution solution;
  std::vector<Tensor> tensors;
};

class Study {
 public:
  // `name` is "studies/{study_id}"; nothing is called.
  Study(std::shared_ptr<Transport> transport, std::string name)
      : transport_(std::move(transport)), name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  absl::StatusOr<v1::Study> Get() const;
  absl::StatusOr<v1::Study> Pause() const;
  absl::StatusOr<v1::Study> Resume() const;
  absl::StatusOr<v1::Study> Stop() const;
  // Changes the fields at `paths` (UpdateStudyRequest.update_mask), or all that are set;
  // `study.etag`, if given, must be current.
  absl::StatusOr<v1::Study> Update(v1::Study study, const std::vector<std::string>& paths) const;
  absl::Status Delete() const;

  // Every committed step from `first_step` on, over as many pages as it takes; at most `limit`.
  absl::StatusOr<std::vector<v1::StepRecord>> Steps(int64_t first_step, size_t limit) const;

  // Calls `update` with the study as it is, then with every step from `first_step` on and every
  // change of state, until it returns false, the study ends, or `stop` is requested. Goes on where
  // it was when the connection breaks.
  absl::Status Watch(int64_t first_step,
                     const std::function<bool(const v1::WatchStudyResponse&)>& update,
                     std::stop_token stop = {}) const;

  // FAILED_PRECONDITION before the first loss (BEST).
  absl::StatusOr<Point> Solution(v1::GetSolutionRequest::Kind kind) const;

  // One call each; the study's name is filled in. RunWorker is built of these.
  absl::StatusOr<v1::AskResponse> Ask(v1::AskRequest request,
                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::TellResponse> Tell(v1::TellRequest request,
                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::RenewResponse> Renew(const std::vector<std::string>& tokens,
                                          const CallOptions& options = {}) const;
  absl::Status Release(const std::vector<std::string>& tokens,
                       const CallOptions& options = {}) const;

  // Evaluates candidates until the study ends or `options.stop` is requested. Blocks.
  WorkerSummary RunWorker(Evaluator evaluator, WorkerOptions options) const;
  WorkerSummary RunBatchWorker(BatchEvaluator evaluator, WorkerOptions options) const;

 private:
  std::shared_ptr<Transport> transport_;
  std::string name_;
};

class Client {
 public:
  // "HOST:PORT". Nothing is called: the connection is made by the first call.
  static Client Connect(const std::string& address, RetryOptions retry = {});
  // Over any transport, as it is: wrap it with MakeRetryingTransport.
  explicit Client(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}

  struct CreateOptions {
    std::string display_name = {};
    std::map<std::string, std::string> labels = {};
    bool validate_only = false;
  };
  // ALREADY_EXISTS if `study_id` is taken by a study of other content. Empty id: drawn.
  absl::StatusOr<v1::Study> CreateStudy(const std::string& study_id, const v1::StudySpec& spec,
                                        const CreateOptions& options) const;
  // Stores start values for a tensor of `shape` elements, row-major, and answers the content id for
  // its Initializer (kind UPLOADED). Safe to repeat.
  absl::StatusOr<std::string> UploadTensor(const std::vector<int64_t>& shape,
                                           absl::Span<const float> values) const;
  // The study of this id, whether or not it exists.
  Study GetStudy(const std::string& study_id) const {
    return Study(transport_, "studies/" + study_id);
  }
  // All studies, over as many pages as it takes; at most `limit`.
  absl::StatusOr<std::vector<v1::Study>> ListStudies(size_t limit) const;
  absl::StatusOr<v1::ServerInfo> ServerInfo() const;

 private:
  std::shared_ptr<Transport> transport_;
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_CLIENT_H_
