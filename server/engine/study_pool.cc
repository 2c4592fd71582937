#include "server/engine/study_pool.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/engine_context.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"

namespace polystep {
namespace {

// Held polls are looked at no more often; far below the margin they keep to their deadlines.
constexpr absl::Duration kShortestTimer = absl::Milliseconds(20);
constexpr absl::Duration kAskAgain = absl::Seconds(1);

AskResult NothingYet() {
  AskResult result;
  result.retry_delay = kAskAgain;
  return result;
}

}  // namespace

StudyPool::StudyPool(EngineContext* context) : context_(context), strand_(context->executor) {}

void StudyPool::Post(Task task) {
  strand_.Post([context = context_->shared_from_this(), task = std::move(task)]() mutable {
    if (!context->stopped) std::move(task)();
  });
}

// --- what studies offer
// ---------------------------------------------------------------------------

StudyPool::Rank StudyPool::RankOf(const std::string& uid, const Entry& entry) {
  return {!entry.offer.work, entry.offer.leases, entry.turn, uid};
}

bool StudyPool::Matches(const Waiter& waiter, const Entry& entry) {
  return std::all_of(waiter.params.labels.begin(), waiter.params.labels.end(),
                     [&](const auto& label) {
                       auto found = entry.offer.labels.find(label.first);
                       return found != entry.offer.labels.end() && found->second == label.second;
                     });
}

void StudyPool::Publish(const std::shared_ptr<Study>& study, const Offer& offer) {
  const std::string& uid = study->uid();
  {
    MutexLock lock(mutex_);
    Entry& entry = entries_[uid];
    entry.study = study;
    ready_.erase(RankOf(uid, entry));
    if (offer.leases > entry.offer.leases) entry.turn = ++turns_;
    entry.offer = offer;
    if (!offer.ready()) return;
    entry.news = ++news_;
    ready_.insert(RankOf(uid, entry));
  }
  if (waiting_ > 0) Post([this, uid] { Pump(uid); });
}

void StudyPool::Withdraw(const std::string& uid) {
  MutexLock lock(mutex_);
  auto found = entries_.find(uid);
  if (found == entries_.end()) return;
  ready_.erase(RankOf(uid, found->second));
  entries_.erase(found);
}

void StudyPool::Remember(const std::string& worker, const std::string& request_id,
                         const std::string& uid) {
  if (request_id.empty()) return;
  MutexLock lock(mutex_);
  const Request request(worker, request_id);
  if (remembered_.insert_or_assign(request, uid).second) oldest_.push_back(request);
  if (oldest_.size() <= limits::kRequests) return;
  remembered_.erase(oldest_.front());
  oldest_.pop_front();
}

// The study, unless the waiter tried it or it is gone.
std::shared_ptr<Study> StudyPool::Take(const std::string& uid, Waiter& waiter) {
  auto found = entries_.find(uid);
  if (found == entries_.end() || !waiter.tried.insert(uid).second) return nullptr;
  return found->second.study.lock();
}

// The study to try next; null: none is left.
std::shared_ptr<Study> StudyPool::NextStudy(Waiter& waiter) {
  MutexLock lock(mutex_);
  if (waiter.tried.empty()) {
    waiter.seen = news_;
    auto known = remembered_.find({waiter.params.worker, waiter.params.request_id});
    if (known != remembered_.end()) {
      if (std::shared_ptr<Study> study = Take(known->second, waiter)) return study;
    }
  }
  for (const Rank& rank : ready_) {
    const std::string& uid = std::get<3>(rank);
    if (waiter.tried.contains(uid) || !Matches(waiter, entries_[uid])) continue;
    if (std::shared_ptr<Study> study = Take(uid, waiter)) return study;
  }
  return nullptr;
}

bool StudyPool::HasNews(const Waiter& waiter) {
  MutexLock lock(mutex_);
  for (const Rank& rank : ready_) {
    const Entry& entry = entries_[std::get<3>(rank)];
    if (entry.news > waiter.seen && Matches(waiter, entry)) return true;
  }
  return false;
}

// --- asking
// ---------------------------------------------------------------------------------------

void StudyPool::Answer(Waiter& waiter, absl::StatusOr<AskResult> result) {
  waiter.answered = true;
  std::exchange(waiter.done, nullptr)(std::move(result));
}

void StudyPool::Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done) {
  auto waiter = std::make_shared<Waiter>();
  waiter->deadline =
      context_->clock->Monotonic() + std::min(params.wait, context_->options.max_wait);
  waiter->params = std::move(params);
  waiter->params.wait = absl::ZeroDuration();  // for each study that is tried
  waiter->cancelled = std::move(cancelled);
  waiter->done = std::move(done);
  Post([this, waiter] { Try(waiter); });
}

// One attempt per request at a time: its repeat must find the lease that the first one gets.
void StudyPool::Try(const WaiterPtr& waiter) {
  waiter->busy = true;
  if (!waiter->params.request_id.empty()) {
    auto [trying, is_new] = trying_.try_emplace({waiter->params.worker, waiter->params.request_id});
    if (!is_new) return trying->second.push_back(waiter);
  }
  waiter->tried.clear();
  TryNext(waiter);
}

void StudyPool::TryNext(const WaiterPtr& waiter) {
  std::shared_ptr<Study> study = NextStudy(*waiter);
  if (study == nullptr) return Settle(waiter);
  AskParams params = waiter->params;
  params.study = study->id();
  study->Ask(std::move(params), waiter->cancelled,
             [this, context = context_->shared_from_this(), waiter,
              uid = study->uid()](absl::StatusOr<AskResult> result) {
               if (result.ok() && result->lease) {
                 Remember(waiter->params.worker, waiter->params.request_id, uid);
                 // Here: writing candidates takes longer than the pool should be held.
                 Answer(*waiter, std::move(result));
                 return Post([this, waiter] { End(waiter); });
               }
               Post([this, waiter, result = std::move(result)]() mutable {
                 Tried(waiter, std::move(result));
               });
             });
}

// The study had nothing for it after all, or cannot be evaluated by it.
void StudyPool::Tried(const WaiterPtr& waiter, absl::StatusOr<AskResult> result) {
  if (!absl::IsCancelled(result.status())) return TryNext(waiter);
  Answer(*waiter, result.status());
  End(waiter);
}

void StudyPool::End(const WaiterPtr& waiter) {
  waiter->busy = false;
  if (waiter->answered) {
    Leave(waiter);
  } else if (waiter->held) {
    ArmTimer(waiter->deadline);
  }
  std::vector<WaiterPtr> repeats;
  auto trying = trying_.find({waiter->params.worker, waiter->params.request_id});
  if (trying != trying_.end()) {
    repeats = std::move(trying->second);
    trying_.erase(trying);
  }
  for (const WaiterPtr& repeat : repeats) Try(repeat);
  const std::string uid = std::exchange(waiter->pump, "");
  if (uid.empty()) return;
  {
    MutexLock lock(mutex_);
    auto found = entries_.find(uid);
    if (found == entries_.end()) return;
    found->second.pumping = false;
  }
  Pump(uid);
}

// No study has anything for it now.
void StudyPool::Settle(const WaiterPtr& waiter) {
  if (context_->draining) {
    Answer(*waiter, Draining());
  } else if (waiter->deadline <= context_->clock->Monotonic()) {
    Answer(*waiter, NothingYet());
  } else {
    Hold(waiter);
    // What was offered since is seen here, or by whoever offers it.
    if (waiter->held && HasNews(*waiter)) {
      waiter->tried.clear();
      return TryNext(waiter);
    }
  }
  End(waiter);
}

void StudyPool::Hold(const WaiterPtr& waiter) {
  if (waiter->held) return;
  if (absl::Status status = context_->AddWaiter(); !status.ok()) {
    return Answer(*waiter, status);
  }
  waiter->held = true;
  waiters_.push_back(waiter);
  ++waiting_;
}

void StudyPool::Leave(const WaiterPtr& waiter) {
  if (!std::exchange(waiter->held, false)) return;
  waiters_.remove(waiter);
  --waiting_;
  --context_->waiters;
}

// The study has news: whoever waits longest and has not seen them is tried, one after the other.
void StudyPool::Pump(const std::string& uid) {
  WaiterPtr next;
  {
    MutexLock lock(mutex_);
    auto found = entries_.find(uid);
    if (found == entries_.end() || found->second.pumping) return;
    Entry& entry = found->second;
    if (!entry.offer.ready()) return;
    for (const WaiterPtr& waiter : waiters_) {
      if (waiter->busy || waiter->seen >= entry.news || !Matches(*waiter, entry)) continue;
      next = waiter;
      entry.pumping = true;
      break;
    }
  }
  if (next == nullptr) return;
  next->pump = uid;
  Try(next);
}

// --- time
// -----------------------------------------------------------------------------------------

void StudyPool::ArmTimer(absl::Duration deadline) {
  if (deadline >= timer_at_) return;
  timer_at_ = deadline;
  const absl::Duration delay = std::max(deadline - context_->clock->Monotonic(), kShortestTimer);
  context_->executor->PostAfter(delay, [this, weak = context_->weak_from_this(), deadline] {
    auto context = weak.lock();
    if (context == nullptr) return;
    Post([this, deadline] {
      if (timer_at_ != deadline) return;  // an earlier one was armed since
      timer_at_ = absl::InfiniteDuration();
      OnTimer();
    });
  });
}

void StudyPool::OnTimer() {
  const absl::Duration now = context_->clock->Monotonic();
  absl::Duration next = absl::InfiniteDuration();
  std::vector<WaiterPtr> over;
  for (const WaiterPtr& waiter : waiters_) {
    if (waiter->busy) continue;  // sees to it when it was tried
    const bool gone = waiter->cancelled && waiter->cancelled();
    if (gone || waiter->deadline <= now) {
      over.push_back(waiter);
    } else {
      next = std::min(next, waiter->deadline);
    }
  }
  for (const WaiterPtr& waiter : over) {
    Leave(waiter);
    if (waiter->deadline <= now) {
      Answer(*waiter, NothingYet());
    } else {
      Answer(*waiter, absl::CancelledError("the caller is gone"));
    }
  }
  if (next < absl::InfiniteDuration()) ArmTimer(next);
}

void StudyPool::Drain() {
  Post([this] {
    const std::list<WaiterPtr> waiters = waiters_;
    for (const WaiterPtr& waiter : waiters) {
      if (waiter->busy) continue;
      Leave(waiter);
      Answer(*waiter, Draining());
    }
  });
}

}  // namespace polystep
