// The leases a worker holds: what is to be evaluated, what is running, what is still to be told.
//
// A pure state machine, told the time by its callers: the worker's threads share one under their
// mutex. Not thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_LEASE_BOOK_H_
#define POLYSTEP_CLIENT_CPP_LEASE_BOOK_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "client/cpp/block_decoder.h"
#include "client/cpp/evaluation.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/pending_answers.h"
#include "polystep/v1/evaluation_service.pb.h"

namespace polystep::client {

class LeaseBook {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    Clock::duration tell_interval = std::chrono::seconds(1);  // an answer waits at most this long
    uint32_t tell_batch = 65'536;                             // answers in one tell
    Clock::duration idle_hold = std::chrono::seconds(1);  // an unstarted lease is kept this long
  };
  // Consecutive candidates of one lease, being evaluated.
  struct Work {
    uint64_t lease_id = 0;
    std::shared_ptr<const v1::Lease> lease;
    std::shared_ptr<const LeaseChanges> changes;  // null: the lease has whole candidates
    std::shared_ptr<const LeaseDecoder> decoder;  // as it came with the lease
    uint32_t offset = 0;
    uint32_t count = 0;
    std::stop_source stop;
  };
  // Answers of one lease, on their way to the server.
  struct Batch {
    uint64_t lease_id = 0;
    v1::TellRequest request;
  };
  // Tokens of leases by their study.
  using Tokens = std::map<std::string, std::vector<std::string>>;

  explicit LeaseBook(Options options) : options_(options) {}

  // `changes`: of a block-encoded lease; `decoder`: for whoever evaluates it.
  void Add(v1::Lease lease, Clock::time_point now,
           std::shared_ptr<const LeaseChanges> changes = nullptr,
           std::shared_ptr<const LeaseDecoder> decoder = nullptr);

  // The next candidates to evaluate, at most `max_count` and an equal share of all that is not
  // started, so that as many slots as `shares` end together: oldest lease first, in index order.
  std::optional<Work> Start(uint32_t max_count, uint32_t shares = 1);
  // One result per candidate of `work`. Results nobody waits for any more are dropped.
  void Finish(const Work& work, std::vector<EvaluationResult> results, Clock::time_point now);

  // Answers that are due: a lease is finished, a batch is full, an answer has waited long enough,
  // or `flush`. One batch of a lease is out at a time, closed by Told or Drop.
  std::optional<Batch> TakeTell(Clock::time_point now, bool flush);
  void Told(uint64_t lease_id, const v1::TellResponse& response, Clock::time_point now);
  // Forgets the lease: its answers, its candidates; what runs of it is stopped.
  void Drop(uint64_t lease_id);

  // Tokens of leases whose heartbeat is due: a third of their time to live is over.
  Tokens TakeRenewals(Clock::time_point now);
  void Renewed(const std::string& token, const v1::Renewal& renewal);

  // Forgets leases of which nothing was started for too long; their tokens are to be released.
  Tokens TakeIdle(Clock::time_point now);
  // Forgets all leases without pending answers; their tokens are to be released.
  Tokens TakeAll();

  // When the next of the calls above will have something to do.
  Clock::time_point NextDue() const;
  uint32_t unstarted() const;
  bool empty() const { return leases_.empty(); }
  void StopRunning();

 private:
  struct Held {
    std::shared_ptr<const v1::Lease> lease;
    std::shared_ptr<const LeaseChanges> changes;
    std::shared_ptr<const LeaseDecoder> decoder;
    Clock::time_point added, heartbeat;
    Clock::duration ttl{};
    uint32_t next = 0;           // offset of the first candidate not started
    std::vector<bool> unwanted;  // by offset: someone else answered
    std::map<uint32_t, std::pair<uint32_t, std::stop_source>> running;  // by offset: count
    PendingAnswers answers;
    Clock::time_point oldest_answer;
    bool telling = false;
    bool abandoned = false;  // something started has no answer: kept until it is released
    bool started() const { return next > 0; }
    bool answered() const { return next == lease->count() && running.empty(); }
  };
  void MarkUnwanted(Held& held, const v1::IndexRange& range);
  void SkipUnwanted(Held& held);
  // When its answers are to be told: at once if nothing is gained by waiting.
  Clock::time_point TellTime(const Held& held) const;
  void Forget(uint64_t lease_id);
  void EraseIfDone(uint64_t lease_id);

  Options options_;
  uint64_t next_id_ = 1;
  std::map<uint64_t, Held> leases_;  // by age
};

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_LEASE_BOOK_H_
