// Telling: checked, decided, committed, applied, acknowledged. Also the other calls by token.
#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/status.h"
#include "server/engine/study.h"

namespace polystep {

// The thread that brought a tell, while it is at it: it waits for the answer anyway, so it flushes
// the store and goes on with the answer itself.
class Study::Bringer {
 public:
  bool IsHere() const { return thread_.load() == std::this_thread::get_id(); }
  void Leaves() { thread_.store(std::thread::id()); }

 private:
  std::atomic<std::thread::id> thread_ = std::this_thread::get_id();
};

void Study::Tell(TellParams params, std::function<bool()> cancelled, Callback<TellResult> done) {
  auto bringer = std::make_shared<Bringer>();
  Dispatch([this, bringer, params = std::move(params), cancelled = std::move(cancelled),
            done = std::move(done)]() mutable {
    if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
    HandleTell(std::move(params), std::move(bringer), std::move(cancelled), std::move(done));
  });
  context_->storage->Flush();
  bringer->Leaves();
}

void Study::HandleTell(TellParams params, std::shared_ptr<Bringer> bringer,
                       std::function<bool()> cancelled, Callback<TellResult> done) {
  absl::StatusOr<Told> checked = CheckTell(params);
  if (!checked.ok()) return std::move(done)(checked.status());
  last_call_ = Monotonic();
  Told told = *std::move(checked);
  TellResult result;
  Answers answers = Decide(told, result);
  std::vector<Mutation> mutations;
  if (!answers.empty()) {
    std::string bytes = EncodeLogEntry(answers);
    log_bytes_ += bytes.size();
    mutations.push_back(AppendAnswers{uid_, {told.token.step, std::move(bytes)}});
  }
  const bool flushed = bringer->IsHere();
  auto applied = [this, self = shared_from_this(), bringer = std::move(bringer),
                  told = std::move(told), answers = std::move(answers), result = std::move(result),
                  release_rest = params.release_rest, next = std::move(params.next),
                  cancelled = std::move(cancelled),
                  done = std::move(done)](absl::Status status) mutable {
    Task apply = [this, status = std::move(status), told = std::move(told),
                  answers = std::move(answers), result = std::move(result), release_rest,
                  next = std::move(next), cancelled = std::move(cancelled),
                  done = std::move(done)]() mutable {
      if (status.ok() && deleting_) status = StudyNotFound(id_);
      if (!status.ok()) {
        RevertTell(told, answers);
        return std::move(done)(CommitFailed(std::move(status)));
      }
      ApplyTell(told, answers, result);
      AfterTell(told, answers, release_rest, result);
      Advance();
      RespondTell(std::move(result), std::move(next), std::move(cancelled), std::move(done));
    };
    bringer->IsHere() ? Dispatch(std::move(apply)) : Post(std::move(apply));
  };
  // Without a mutation this is a barrier: a repeat is acknowledged once the original is durable.
  if (flushed) {
    context_->storage->Enqueue(std::move(mutations), std::move(applied));
  } else {
    context_->storage->Commit(std::move(mutations), std::move(applied));
  }
}

// Judges every answer; what is new or only pending goes into the log.
Answers Study::Decide(const Told& told, TellResult& result) {
  Answers record;
  record.lease_id = told.answers.lease_id;
  record.max_attempts = told.answers.max_attempts;
  if (!told.current) {
    told.answers.ForEach([&](const Answer&) { ++result.stale; });
    return record;
  }
  if (!told.failure.empty()) last_failure_ = told.failure;
  Ledger& ledger = trajectory_->ledger();
  const auto losses_of = [&](uint32_t first, absl::Span<const double> losses) {
    if (!ledger.MarkPendingIfNew(first, losses)) return false;
    if (leases_) leases_->Withhold(first, static_cast<uint32_t>(losses.size()));
    record.AddLosses(first, losses);
    return true;
  };
  told.answers.ForEachRun(losses_of, [&](const Answer& answer) {
    switch (ledger.Judge(answer, told.token.lease_id)) {
      case Ledger::Verdict::kNew:
      case Ledger::Verdict::kRepeat:
        ledger.MarkPending(answer);
        if (answer.kind != AnswerKind::kTransient && leases_) leases_->Withhold(answer.index, 1);
        record.Add(answer);
        break;
      case Ledger::Verdict::kDuplicate:
        ++result.duplicate;
        break;
      case Ledger::Verdict::kConflicting:
        ++result.conflicting;
        break;
    }
  });
  return record;
}

void Study::RevertTell(const Told& told, const Answers& answers) {
  if (!leases_ || told.token.step != trajectory_->step()) return;
  for (uint32_t index : trajectory_->ledger().Revert(answers)) leases_->Reoffer(index);
}

void Study::ApplyTell(const Told& told, const Answers& answers, TellResult& result) {
  if (told.token.step != trajectory_->step() || !trajectory_->is_open()) {
    // Another tell decided all of this and closed the step while this one was being committed.
    answers.ForEach([&](const Answer&) { ++result.duplicate; });
  } else {
    Ledger::Applied applied = trajectory_->Apply(answers);
    result.accepted += applied.accepted;
    result.duplicate += applied.duplicate;
    result.conflicting += applied.conflicting;
    if (leases_) {
      leases_->Decided(applied.decided);
      for (uint32_t index : applied.to_retry) leases_->GiveUp(answers.lease_id, index);
    }
  }
  counters_.duplicate += result.duplicate;
  counters_.conflicting += result.conflicting;
  counters_.stale += result.stale;
}

void Study::JudgeWorker(const Lease& lease, const Answers& answers) {
  WorkerTable::Outcome outcome{.granted = lease.granted};
  answers.ForEach([&](const Answer& answer) {
    ++(answer.kind == AnswerKind::kLoss ? outcome.succeeded : outcome.failed);
  });
  workers_.Judge(lease.worker, outcome, Monotonic());
}

// What a tell means for its lease and its worker.
void Study::AfterTell(const Told& told, const Answers& answers, bool release_rest,
                      TellResult& result) {
  const TokenFields& token = told.token;
  const absl::Duration now = Monotonic();
  Lease* lease = leases_ ? leases_->Find(token.lease_id) : nullptr;
  if (lease != nullptr) {
    JudgeWorker(*lease, answers);
    lease->answered += result.accepted;
    workers_.Measure(lease->worker, lease->granted, result.accepted, now);
    leases_->SetExpiry(*lease, std::min(now + lease->ttl, lease->latest));
    result.ttl = lease->expires - now;
    // Someone else was at it, too.
    if (lease->count - lease->unanswered > lease->answered) {
      result.not_needed = leases_->NotNeeded(token.first, token.count);
    }
    if (lease->unanswered == 0) workers_.Finish(lease->worker, lease->granted, lease->count, now);
    if (lease->unanswered == 0 || release_rest) {
      JournalEnd(lease->id);
      leases_->Release(lease->id);
    }
  } else if (leases_ && token.step == trajectory_->step()) {
    result.not_needed = leases_->NotNeeded(token.first, token.count);
  } else {
    result.not_needed = {{token.first, token.count}};
  }
  if (entry_.state != StudyState::kActive) return;
  std::optional<std::string> trips = trajectory_->BreakerReason(entry_.lease.max_failed_fraction);
  if (!trips) return;
  if (!last_failure_.empty()) absl::StrAppend(&*trips, "; the last one: ", last_failure_);
  PauseBecause(*std::move(trips));
}

void Study::RespondTell(TellResult result, std::optional<AskParams> next,
                        std::function<bool()> cancelled, Callback<TellResult> done) {
  result.committed_step = trajectory_->step();
  if (!next || context_->draining || deleting_) return std::move(done)(std::move(result));
  auto answer = [result = std::move(result),
                 done = std::move(done)](absl::StatusOr<AskResult> asked) mutable {
    // The losses are durable whatever became of the ask: without `next` the worker asks again.
    if (asked.ok()) result.next = *std::move(asked);
    std::move(done)(std::move(result));
  };
  if (next->study == kAnyStudy) {
    return context_->pool->Ask(*std::move(next), std::move(cancelled), std::move(answer));
  }
  HandleAsk(*std::move(next), std::move(cancelled), std::move(answer));
}

RenewResult Study::RenewOne(const TokenFields& token) {
  RenewResult result;
  Lease* lease = leases_ ? leases_->Find(token.lease_id) : nullptr;
  if (lease != nullptr) {
    absl::Duration now = Monotonic();
    leases_->SetExpiry(*lease, std::min(now + lease->ttl, lease->latest));
    workers_.See(lease->worker, now);
    result.known = true;
    result.ttl = lease->expires - now;
    if (lease->count - lease->unanswered > lease->answered) {
      result.not_needed = leases_->NotNeeded(token.first, token.count);
    }
  } else if (leases_ && token.step == trajectory_->step()) {
    result.not_needed = leases_->NotNeeded(token.first, token.count);
  } else {
    result.not_needed = {{token.first, token.count}};
  }
  return result;
}

void Study::Renew(std::vector<std::string> tokens, Callback<std::vector<RenewResult>> done) {
  Dispatch([this, tokens = std::move(tokens), done = std::move(done)]() mutable {
    if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
    last_call_ = Monotonic();
    std::vector<RenewResult> results;
    for (const std::string& token : tokens) {
      absl::StatusOr<TokenFields> fields = CheckToken(token);
      if (!fields.ok()) return std::move(done)(fields.status());
      results.push_back(RenewOne(*fields));
    }
    std::move(done)(std::move(results));
  });
}

void Study::Release(std::vector<std::string> tokens, Callback<std::monostate> done) {
  Dispatch([this, tokens = std::move(tokens), done = std::move(done)]() mutable {
    if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
    last_call_ = Monotonic();
    for (const std::string& token : tokens) {
      absl::StatusOr<TokenFields> fields = CheckToken(token);
      if (!fields.ok()) return std::move(done)(fields.status());
      JournalEnd(fields->lease_id);
      if (leases_) leases_->Release(fields->lease_id);
    }
    ServeWaiters();
    ArmTimer();
    std::move(done)(std::monostate{});
  });
}

}  // namespace polystep
