#include "client/cpp/worker.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/durations.h"
#include "client/cpp/lease_book.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/pace.h"
#include "client/cpp/request_id.h"
#include "client/cpp/status_details.h"
#include "client/cpp/study_readers.h"

namespace polystep::client {
namespace {

using Clock = LeaseBook::Clock;
using Lock = std::unique_lock<std::mutex>;

bool Ended(v1::Study::State state) {
  return state == v1::Study::SUCCEEDED || state == v1::Study::STOPPED || state == v1::Study::FAILED;
}

// Beyond the limit of a call: what is not released expires.
v1::ReleaseRequest ReleaseOf(const std::string& study, const std::vector<std::string>& tokens) {
  v1::ReleaseRequest request;
  request.set_study(study);
  const auto end = tokens.begin() + std::min<std::ptrdiff_t>(std::ssize(tokens), 1024);
  request.mutable_tokens()->Add(tokens.begin(), end);
  return request;
}

// Waits until `due` (possibly never) or a notification.
void WaitUntil(std::condition_variable& condition, Lock& lock, Clock::time_point due) {
  if (due == Clock::time_point::max()) {
    condition.wait(lock);
  } else {
    condition.wait_until(lock, due);
  }
}

constexpr int kCouriers = 4;  // so that the last tells of a step are committed together

// One run of the loop: an asking thread, couriers for tells, heartbeats and releases, and a thread
// per slot, around one LeaseBook.
class Worker {
 public:
  Worker(std::shared_ptr<Transport> transport, const std::string& study, BatchEvaluator evaluator,
         WorkerOptions options)
      : transport_(std::move(transport)),
        study_(study),
        evaluator_(std::move(evaluator)),
        options_(std::move(options)),
        readers_(transport_),
        book_({absl::ToChronoNanoseconds(options_.tell_interval), 65'536,
               absl::ToChronoNanoseconds(options_.idle_hold)}),
        pace_(options_.slots) {
    if (options_.worker.empty()) options_.worker = DrawWorkerName();
  }

  // Of the one study it is for; without, work is taken of any.
  void Know(const v1::StudySpec& spec) {
    encodings_ = readers_.Add(study_, spec).decoder->encodings(/*centers=*/true);
  }

  WorkerSummary Run();

 private:
  void AskLoop();
  void CourierLoop();
  void SlotLoop(int slot);
  bool Courier(Lock& lock);
  void Tell(LeaseBook::Batch batch, Lock& lock);
  void Renew(const std::string& study, const std::vector<std::string>& tokens, Lock& lock);
  void ReleaseIdle(const LeaseBook::Tokens& tokens, Lock& lock);
  bool StudyIsGone(const absl::Status& status) const;
  void Heard(absl::StatusOr<v1::AskResponse> response, Lock& lock);
  void Take(v1::Lease lease, Lock& lock);
  void Count(const v1::TellResponse& response);
  std::vector<EvaluationResult> Evaluate(const LeaseBook::Work& work, int slot);
  void Account(const LeaseBook::Work& work, std::vector<EvaluationResult>& results);
  v1::AskRequest NextAsk() const;
  void End(absl::Status status);
  void Farewell();

  std::shared_ptr<Transport> transport_;
  const std::string study_;
  const BatchEvaluator evaluator_;
  WorkerOptions options_;
  StudyReaders readers_;  // of the asking thread
  std::vector<v1::AskRequest::Encoding> encodings_ = {v1::AskRequest::SUBSPACE,
                                                      v1::AskRequest::BLOCK, v1::AskRequest::DENSE,
                                                      v1::AskRequest::NAMED};

  std::mutex mutex_;  // guards everything below
  std::condition_variable work_, ask_, errand_;
  LeaseBook book_;
  Pace pace_;
  WorkerSummary summary_;
  bool done_ = false;
  std::stop_source calls_;  // stops asks, and tells that are being retried
  std::vector<LeaseBook::Batch> untold_;
};

WorkerSummary Worker::Run() {
  std::stop_callback on_stop(options_.stop, [this] {
    Lock lock(mutex_);
    End(absl::OkStatus());
  });
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([this] { AskLoop(); });
    for (int n = 0; n < kCouriers; ++n) threads.emplace_back([this] { CourierLoop(); });
    for (int slot = 0; slot < options_.slots; ++slot) {
      threads.emplace_back([this, slot] { SlotLoop(slot); });
    }
  }
  Farewell();
  return summary_;
}

// The first end counts. Needs the mutex.
void Worker::End(absl::Status status) {
  if (done_) return;
  done_ = true;
  summary_.status = std::move(status);
  book_.StopRunning();
  calls_.request_stop();
  for (std::condition_variable* condition : {&work_, &ask_, &errand_}) condition->notify_all();
}

v1::AskRequest Worker::NextAsk() const {
  v1::AskRequest request;
  request.set_study(study_);
  request.set_worker(options_.worker);
  request.set_max_evaluations(options_.max_evaluations);
  SetDuration(options_.poll, request.mutable_wait());
  for (v1::AskRequest::Encoding encoding : encodings_) request.add_encodings(encoding);
  request.set_request_id(DrawRequestId());
  request.set_known_center_id(readers_.known_center_id());
  request.mutable_labels()->insert(options_.labels.begin(), options_.labels.end());
  return request;
}

void Worker::AskLoop() {
  Lock lock(mutex_);
  while (!done_) {
    Clock::time_point now = Clock::now();
    Clock::time_point due = pace_.AskTime(book_.unstarted(), now);
    if (due > now) {
      WaitUntil(ask_, lock, due);
      continue;
    }
    lock.unlock();
    CallOptions call{.timeout = options_.poll + absl::Seconds(10), .stop = calls_.get_token()};
    absl::StatusOr<v1::AskResponse> response = transport_->Ask(NextAsk(), call);
    lock.lock();
    Heard(std::move(response), lock);
  }
}

void Worker::Heard(absl::StatusOr<v1::AskResponse> response, Lock& lock) {
  if (!response.ok()) {
    if (!done_) End(response.status());
    return;
  }
  summary_.study_state = response->study_state();
  if (response->has_lease()) return Take(std::move(*response->mutable_lease()), lock);
  if (Ended(response->study_state())) return End(absl::OkStatus());
  // The server says when to come back; a worker that finds nothing does not spin.
  absl::Duration delay =
      std::clamp(FromProto(response->retry_delay()), absl::Milliseconds(10), absl::Seconds(5));
  auto due = Clock::now() + absl::ToChronoNanoseconds(delay);
  ask_.wait_until(lock, due, [this] { return done_; });
}

void Worker::Take(v1::Lease lease, Lock& lock) {
  if (lease.study().empty()) lease.set_study(study_);  // of a server that does not say
  lock.unlock();
  absl::StatusOr<StudyReaders::Opened> opened = readers_.Open(lease, {.stop = calls_.get_token()});
  lock.lock();
  if (absl::IsNotFound(opened.status())) return;  // the step is over, and so is its lease
  if (!opened.ok()) {
    if (!done_) End(opened.status());
    return;
  }
  ++summary_.leases;
  book_.Add(std::move(lease), Clock::now(), std::move(opened->changes), std::move(opened->decoder));
  work_.notify_all();
  errand_.notify_one();
}

void Worker::SlotLoop(int slot) {
  Lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return done_ || book_.unstarted() > 0; });
    if (done_) return;
    LeaseBook::Work work = *book_.Start(options_.batch_size, static_cast<uint32_t>(options_.slots));
    pace_.Started(slot, work.count, Clock::now());
    ask_.notify_one();
    lock.unlock();
    std::vector<EvaluationResult> results = Evaluate(work, slot);
    lock.lock();
    Clock::time_point now = Clock::now();
    pace_.Finished(slot, now);
    Account(work, results);
    book_.Finish(work, std::move(results), now);
    ask_.notify_one();
    errand_.notify_one();
  }
}

std::vector<EvaluationResult> Worker::Evaluate(const LeaseBook::Work& work, int slot) {
  const std::vector<Candidate> candidates =
      work.decoder->Decode(work.lease, work.changes, work.offset, work.count);
  std::string problem;
  try {
    std::vector<EvaluationResult> results = evaluator_(candidates, {slot, work.stop.get_token()});
    if (results.size() == work.count) return results;
    problem = absl::StrCat("the evaluator answered ", results.size(), " results for ", work.count,
                           " candidates");
  } catch (const std::exception& error) {
    problem = absl::StrCat("the evaluator threw: ", error.what());
  }
  return std::vector<EvaluationResult>(work.count, EvaluationResult::CannotRun(problem));
}

void Worker::Account(const LeaseBook::Work& work, std::vector<EvaluationResult>& results) {
  using Kind = EvaluationResult::Kind;
  for (EvaluationResult& result : results) {
    if (result.kind == Kind::kLoss &&
        !(result.violation >= 0.0 && std::isfinite(result.violation))) {
      result = EvaluationResult::CannotRun(
          absl::StrCat("the evaluator answered a violation of ", result.violation));
    }
    if (result.kind == Kind::kAbandoned && !work.stop.stop_requested()) {
      result = EvaluationResult::Transient("abandoned by the evaluator");
    }
    if (result.kind == Kind::kCannotRun) {
      summary_.cannot_run = true;
      End(absl::FailedPreconditionError(result.message));
      return;
    }
    if (result.kind == Kind::kAbandoned) continue;
    ++summary_.evaluations;
    if (result.kind == Kind::kInfeasible) ++summary_.infeasible;
    if (result.kind == Kind::kTransient) ++summary_.transient;
  }
}

void Worker::CourierLoop() {
  Lock lock(mutex_);
  while (!done_) {
    if (!Courier(lock)) WaitUntil(errand_, lock, book_.NextDue());
  }
}

// One errand; false if there is none.
bool Worker::Courier(Lock& lock) {
  Clock::time_point now = Clock::now();
  if (LeaseBook::Tokens tokens = book_.TakeIdle(now); !tokens.empty()) {
    ReleaseIdle(tokens, lock);
    return true;
  }
  if (std::optional<LeaseBook::Batch> batch = book_.TakeTell(now, /*flush=*/false)) {
    Tell(*std::move(batch), lock);
    return true;
  }
  LeaseBook::Tokens renewals = book_.TakeRenewals(now);
  for (const auto& [study, tokens] : renewals) Renew(study, tokens, lock);
  return !renewals.empty();
}

void Worker::ReleaseIdle(const LeaseBook::Tokens& tokens, Lock& lock) {
  pace_.HeldForNothing();
  lock.unlock();
  for (const auto& [study, of_study] : tokens) {
    // Not worth an outage's retries: what is not released expires.
    const v1::ReleaseRequest request = ReleaseOf(study, of_study);
    transport_->Release(request, {.retry_for = options_.farewell, .stop = calls_.get_token()})
        .status()
        .IgnoreError();
  }
  lock.lock();
}

// One of many: the others go on.
bool Worker::StudyIsGone(const absl::Status& status) const {
  return study_ == kAnyStudy && absl::IsNotFound(status);
}

void Worker::Count(const v1::TellResponse& response) {
  summary_.accepted += response.accepted();
  summary_.duplicate += response.duplicate();
  summary_.stale += response.stale();
  summary_.conflicting += response.conflicting();
}

void Worker::Tell(LeaseBook::Batch batch, Lock& lock) {
  lock.unlock();
  Clock::time_point start = Clock::now();
  absl::StatusOr<v1::TellResponse> response =
      transport_->Tell(batch.request, {.stop = calls_.get_token()});
  Clock::time_point now = Clock::now();
  lock.lock();
  if (response.ok()) {
    pace_.CallTook(now - start);
    Count(*response);
    book_.Told(batch.lease_id, *response, now);
    ask_.notify_one();
  } else if (ErrorReason(response.status()) == "LEASE_FENCED") {
    ++summary_.fenced;
    options_.log(absl::StrCat("lease dropped: ", ErrorText(response.status())));
    book_.Drop(batch.lease_id);
  } else if (StudyIsGone(response.status())) {
    book_.Drop(batch.lease_id);
  } else if (done_) {
    untold_.push_back(std::move(batch));  // cut short by the stop: once more at the end
  } else {
    End(response.status());
  }
}

void Worker::Renew(const std::string& study, const std::vector<std::string>& tokens, Lock& lock) {
  v1::RenewRequest request;
  request.set_study(study);
  for (const std::string& token : tokens) request.add_tokens(token);
  lock.unlock();
  absl::StatusOr<v1::RenewResponse> response =
      transport_->Renew(request, {.stop = calls_.get_token()});
  lock.lock();
  if (response.ok()) {
    int count = std::min(response->renewals_size(), static_cast<int>(tokens.size()));
    for (int i = 0; i < count; ++i) {
      book_.Renewed(tokens[static_cast<size_t>(i)], response->renewals(i));
    }
  } else if (!done_ && absl::IsNotFound(response.status()) && study_ != kAnyStudy) {
    End(response.status());  // the study is gone
  }
}

// Threads are joined: no lock. A study that has ended needs neither tells nor releases.
void Worker::Farewell() {
  if (Ended(summary_.study_state) || !(summary_.status.ok() || summary_.cannot_run)) return;
  CallOptions call{.timeout = options_.farewell, .retry_for = options_.farewell};
  for (LeaseBook::Batch& batch : untold_) {
    absl::StatusOr<v1::TellResponse> response = transport_->Tell(batch.request, call);
    if (!response.ok()) return options_.log(ErrorText(response.status()));
    Count(*response);
    book_.Told(batch.lease_id, *response, Clock::now());
  }
  while (std::optional<LeaseBook::Batch> batch = book_.TakeTell(Clock::now(), /*flush=*/true)) {
    absl::StatusOr<v1::TellResponse> response = transport_->Tell(batch->request, call);
    if (!response.ok()) return options_.log(ErrorText(response.status()));
    Count(*response);
    book_.Told(batch->lease_id, *response, Clock::now());
  }
  for (const auto& [study, tokens] : book_.TakeAll()) {
    absl::StatusOr<v1::ReleaseResponse> response =
        transport_->Release(ReleaseOf(study, tokens), call);
    if (!response.ok()) return options_.log(ErrorText(response.status()));
  }
}

}  // namespace

WorkerSummary RunWorker(std::shared_ptr<Transport> transport, const std::string& study,
                        BatchEvaluator evaluator, WorkerOptions options) {
  WorkerSummary summary;
  if (options.slots < 1 || options.slots > 4096) {
    summary.status =
        absl::InvalidArgumentError(absl::StrCat("slots: ", options.slots, " is not in [1, 4096]"));
    return summary;
  }
  if (study == kAnyStudy) {
    return Worker(std::move(transport), study, std::move(evaluator), std::move(options)).Run();
  }
  v1::GetStudyRequest request;
  request.set_name(study);
  absl::StatusOr<v1::Study> found =
      transport->GetStudy(request, {.timeout = absl::Seconds(20), .stop = options.stop});
  if (!found.ok()) {
    if (!options.stop.stop_requested()) summary.status = found.status();
    return summary;
  }
  summary.study_state = found->state();
  if (Ended(found->state())) return summary;
  Worker worker(std::move(transport), study, std::move(evaluator), std::move(options));
  worker.Know(found->spec());
  return worker.Run();
}

}  // namespace polystep::client
