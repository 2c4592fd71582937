#include "tests/e2e/crash/crew.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/grpc_transport.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/lease_opener.h"

namespace polystep {
namespace {

// What a killed or restarting server looks like from outside.
bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

}  // namespace

void ServerAddress::Set(const std::string& address) {
  MutexLock lock(mutex_);
  address_ = address;
  changed_.NotifyAll();
}

client::Study ServerAddress::Get(const std::string& study_id) {
  client::RetryOptions once;
  once.total = absl::ZeroDuration();
  MutexLock lock(mutex_);
  return client::Client::Connect(address_, once).GetStudy(study_id);
}

std::string ServerAddress::Text() {
  MutexLock lock(mutex_);
  return address_;
}

void ServerAddress::AwaitChange() {
  MutexLock lock(mutex_);
  changed_.WaitFor(mutex_, std::chrono::milliseconds(100));
}

// One worker; its own thread.
class Crew::Worker {
 public:
  Worker(Crew* crew, int number)
      : crew_(crew),
        name_(absl::StrCat("worker-", number)),
        random_(crew->options_.seed * 1000 + static_cast<uint64_t>(number)),
        decoder_(crew->options_.spec) {}

  void Run() {
    while (!over()) {
      std::optional<v1::Lease> lease = Ask();
      if (!lease) continue;
      for (const v1::TellRequest& tell : Evaluate(*lease)) {
        Tell(tell);
        if (Chance(0.3)) Tell(tell);
      }
    }
  }

 private:
  bool over() const { return ended_ || crew_->stopped_; }
  bool Chance(double probability) {
    return crew_->options_.unruly && std::bernoulli_distribution(probability)(random_);
  }

  // Calls until the server answers; ends the worker on errors that are ours.
  template <class Response, class Call>
  std::optional<Response> Persist(const char* what, Call call) {
    while (!over()) {
      absl::StatusOr<Response> response = call(crew_->server_->Get(crew_->options_.study_id));
      if (response.ok()) return *std::move(response);
      if (!IsOutage(response.status())) {
        crew_->Complain(absl::StrCat(name_, " ", what, ": ", response.status().ToString()));
        ended_ = true;
      } else {
        crew_->server_->AwaitChange();
      }
    }
    return std::nullopt;
  }

  std::optional<v1::Lease> Ask() {
    v1::AskRequest request;
    request.set_worker(name_);
    request.set_request_id(absl::StrCat(name_, "-", ++asks_));
    request.mutable_wait()->set_seconds(1);
    for (auto encoding : decoder_.encodings(/*centers=*/true)) request.add_encodings(encoding);
    if (Chance(0.5)) request.set_max_evaluations(1 + static_cast<uint32_t>(random_() % 5));
    auto response = Persist<v1::AskResponse>(
        "ask", [&](const client::Study& study) { return study.Ask(request); });
    if (!response) return std::nullopt;
    if (response->has_lease()) return response->lease();
    ended_ = response->study_state() != v1::Study::ACTIVE;
    return std::nullopt;
  }

  // The lease's changes of a center, which may be fetched from a server that is killed meanwhile.
  absl::StatusOr<std::shared_ptr<const client::LeaseChanges>> Open(const v1::Lease& lease) {
    while (!over()) {
      if (std::string address = crew_->server_->Text(); !opener_ || address != opener_address_) {
        opener_.emplace(client::MakeGrpcTransport(address),
                        absl::StrCat("studies/", crew_->options_.study_id), &decoder_);
        opener_address_ = address;
      }
      auto changes = opener_->Open(lease, {});
      if (changes.ok() || absl::IsNotFound(changes.status())) return changes;
      if (!IsOutage(changes.status())) {
        crew_->Complain(changes.status().ToString());
        ended_ = true;
      } else {
        crew_->server_->AwaitChange();
      }
    }
    return absl::CancelledError("the study is over");
  }

  void Tell(const v1::TellRequest& request) {
    auto response = Persist<v1::TellResponse>(
        "tell", [&](const client::Study& study) { return study.Tell(request); });
    if (response) crew_->log_->Add(request, *response);
  }

  // The lease's losses as one tell, or as several in any order.
  std::vector<v1::TellRequest> Evaluate(const v1::Lease& lease) {
    std::vector<v1::TellRequest> tells;
    auto changes = Open(lease);
    if (!changes.ok()) return tells;
    const std::vector<client::Candidate> candidates =
        decoder_.Decode(std::make_shared<v1::Lease>(lease), *changes, 0, lease.count());
    v1::LossSlice* slice = nullptr;
    for (uint32_t offset = 0; offset < lease.count(); ++offset) {
      if (slice == nullptr || Chance(0.3)) {
        v1::TellRequest& tell = tells.emplace_back();
        tell.set_token(lease.token());
        tell.set_step(lease.step());
        slice = tell.add_slices();
        slice->set_first_index(lease.first_index() + offset);
      }
      slice->add_losses(crew_->options_.simulator(candidates[offset]));
    }
    if (crew_->options_.unruly) {
      std::shuffle(tells.begin(), tells.end(), random_);
      // The simulator's own time, not a synchronisation.
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % 4000));
    }
    return tells;
  }

  Crew* const crew_;
  const std::string name_;
  std::mt19937_64 random_;
  const client::LeaseDecoder decoder_;
  std::optional<client::LeaseOpener> opener_;
  std::string opener_address_;
  int64_t asks_ = 0;
  bool ended_ = false;
};

Crew::Crew(Options options, ServerAddress* server, AnswerLog* log)
    : options_(std::move(options)), server_(server), log_(log), running_(options_.workers) {
  for (int i = 0; i < options_.workers; ++i) {
    threads_.emplace_back([this, i] {
      Worker(this, i).Run();
      MutexLock lock(mutex_);
      if (--running_ == 0) log_->Close();
    });
  }
}

Crew::~Crew() {
  for (std::thread& thread : threads_) thread.join();
}

std::vector<std::string> Crew::Complaints() {
  MutexLock lock(mutex_);
  return complaints_;
}

void Crew::Complain(std::string complaint) {
  MutexLock lock(mutex_);
  complaints_.push_back(std::move(complaint));
}

}  // namespace polystep
