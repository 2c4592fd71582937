// Closing and opening steps, what is derived from them, and the study's one timer.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/beside.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"
#include "server/engine/study_state.h"

namespace polystep {
namespace {

constexpr absl::Duration kRetryStore = absl::Milliseconds(50);
// Whoever tells may wait so long for a step to close on its own thread.
constexpr absl::Duration kLongClose = absl::Milliseconds(1);
constexpr absl::Duration kQuiet = absl::Seconds(5);  // no worker called for so long
// Coordinates whose hashing takes longer than it takes to wake another thread.
constexpr int64_t kLargeCenter = 100'000;

}  // namespace

void Study::Start() {
  Post([this] { Advance(); });
}

// Does all that can be done without an answer. While a change of the study is being committed no
// step closes: the log then has it before or after the step, as memory does.
void Study::Advance() {
  if (control_in_flight_ || deleting_ || wait_for_derived_ || !trajectory_) return;
  if (trajectory_->complete()) CloseStep();
  if (!trajectory_->is_open() && !IsFinished(entry_.state)) {
    if (std::optional<std::string> reason = trajectory_->StopReason()) {
      Finish(*reason);
    } else if (MaxTimeReached()) {
      Finish("max_time is used up");
    } else if (OpenStep() && trajectory_->complete()) {
      wait_for_derived_ = true;  // bounds what is queued, and yields the strand to others
      CloseStep();
    }
  }
  ServeWaiters();  // before records that nobody waits for are made
  FlushDerived();
  ArmTimer();
}

bool Study::OpenStep() {
  if (!trajectory_->Open()) {
    Finish(absl::StrCat("max_evaluations: the ",
                        *trajectory_->stop().max_evaluations - trajectory_->closed_evaluations(),
                        " evaluations left do not make a step"));
    return false;
  }
  leases_.emplace(trajectory_->plan(), &trajectory_->ledger());
  return true;
}

void Study::CloseStep() {
  leases_.reset();
  const absl::Duration start = Monotonic();
  const Search& search = trajectory_->search();
  const bool wanted = centers_.IsOf(search.step()) && search.space()->dimension() >= kLargeCenter;
  StepRow row = trajectory_->Close([&](absl::FunctionRef<void()> digest) {
    if (!wanted) return digest();
    // The next leases will need the center, too.
    RunBeside(
        *context_->executor, [&] { centers_.Current(search); }, digest);
  });
  long_steps_ = Monotonic() - start > kLongClose;
  row.commit_time = context_->clock->Now();
  Remember(row);
  derived_.rows.push_back(std::move(row));
  derived_.snapshot = derived_.snapshot || SnapshotDue();
  NotifyWatchers();
}

bool Study::SnapshotDue() const {
  return log_bytes_ > std::max(limits::kSnapshotShare * snapshot_bytes_, limits::kMinSnapshotLog) ||
         Monotonic() - snapshot_time_ >= context_->options.snapshot_interval;
}

bool Study::MaxTimeReached() const {
  return trajectory_->stop().max_time && ActiveTime() >= *trajectory_->stop().max_time;
}

void Study::Finish(std::string reason) {
  Touch(entry_);
  entry_.state = StudyState::kSucceeded;
  entry_.state_reason = std::move(reason);
  derived_.study = true;
  derived_.snapshot = true;
  StateChanged();
}

// --- derived records: written behind the answers they follow from
// ---------------------------------

void Study::FlushDerived() {
  if (derived_.empty() || control_in_flight_ || deleting_) return;
  Derived derived = std::exchange(derived_, {});
  ++derived_in_flight_;
  std::vector<Mutation> mutations = DerivedMutations(derived);
  context_->storage->Commit(
      std::move(mutations),
      [this, self = shared_from_this(), derived = std::move(derived)](absl::Status status) mutable {
        Post([this, status = std::move(status), derived = std::move(derived)]() mutable {
          --derived_in_flight_;
          DerivedDone(std::move(derived), status);
        });
      });
}

std::vector<Mutation> Study::DerivedMutations(const Derived& derived) {
  std::vector<Mutation> mutations;
  for (const StepRow& row : derived.rows) {
    mutations.push_back(PutStep{uid_, {row.summary.step, EncodeStepRow(row)}});
  }
  if (derived.study) mutations.push_back(PutStudy{{uid_, id_, EncodeStudyEntry(entry_)}});
  if (derived.snapshot) {
    SnapshotEntry snapshot = trajectory_->Snapshot();
    snapshot.counters = counters_;
    snapshot.active_time = ActiveTime();
    std::string bytes = EncodeSnapshot(snapshot);
    snapshot_bytes_ = bytes.size();
    snapshot_time_ = Monotonic();
    log_bytes_ = 0;
    mutations.push_back(PutSnapshot{uid_, {trajectory_->step(), std::move(bytes)}});
  }
  return mutations;
}

void Study::DerivedDone(Derived derived, const absl::Status& status) {
  if (absl::IsResourceExhausted(status) && !deleting_) {
    derived_.rows.insert(derived_.rows.begin(), derived.rows.begin(), derived.rows.end());
    derived_.study = derived_.study || derived.study;
    derived_.snapshot = derived_.snapshot || derived.snapshot;
    context_->executor->PostAfter(kRetryStore, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Post([self] { self->FlushDerived(); });
    });
    return;
  }
  if (!status.ok()) return StoreFailed(status);
  SettleDerived();
}

void Study::SettleDerived() {
  if (derived_in_flight_ > 0 || !derived_.empty()) return;
  for (auto& drained : std::exchange(drains_, {})) std::move(drained)(absl::OkStatus());
  if (std::exchange(wait_for_derived_, false)) Advance();
}

// Nothing that is not durable is answered, so there is nothing to undo: the study stands still and
// says why to whoever calls.
void Study::StoreFailed(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) return;
  if (!context_->store_failure_logged.exchange(true)) {
    context_->options.log(absl::StrCat("the store stopped: ", status.ToString()));
  }
  for (auto& drained : std::exchange(drains_, {})) std::move(drained)(status);
}

absl::Status Study::CommitFailed(absl::Status status) {
  StoreFailed(status);
  if (!absl::IsResourceExhausted(status)) return status;
  return WithRetryDelay(WithReason(std::move(status), reason::kQueueFull), absl::Milliseconds(100));
}

void Study::Drain(absl::AnyInvocable<void(absl::Status)> done) {
  Post([this, done = std::move(done)]() mutable {
    AnswerWaiters(Draining());
    if (deleting_ || !trajectory_) return std::move(done)(absl::OkStatus());
    drains_.push_back(std::move(done));
    derived_.snapshot = true;
    FlushDerived();
  });
}

// --- time
// -----------------------------------------------------------------------------------------

absl::Duration Study::NextDeadline() const {
  absl::Duration next = absl::InfiniteDuration();
  if (leases_) next = leases_->NextExpiry();
  if (!waiter_deadlines_.empty()) next = std::min(next, waiter_deadlines_.begin()->first);
  if (entry_.state != StudyState::kActive) return next;
  absl::Duration now = Monotonic();
  if (leases_ && entry_.lease.backup_leases) {
    next = std::min(next, leases_->NextSlow());
  }
  if (trajectory_->stop().max_time) {
    absl::Duration reached = now + (*trajectory_->stop().max_time - ActiveTime());
    next = std::min(next, std::max(reached, last_call_ + kQuiet));
  }
  return next;
}

void Study::PublishOffer() {
  if (deleting_) return context_->pool->Withdraw(uid_);
  StudyPool::Offer offer;
  if (entry_.state == StudyState::kActive && leases_) {
    offer.work = leases_->has_available();
    offer.leases = static_cast<uint32_t>(leases_->outstanding());
    if (entry_.lease.backup_leases) {
      offer.slow = leases_->slow_count();
    }
    offer.labels = entry_.labels;
  }
  if (offer == offer_) return;
  context_->pool->Publish(shared_from_this(), offer);
  offer_ = std::move(offer);
}

// Ends whatever changed what there is to do, or when.
void Study::ArmTimer() {
  if (deleting_ || !trajectory_) return;
  PublishOffer();
  absl::Duration next = NextDeadline();
  if (next >= timer_at_) return;  // the armed timer comes first and looks again
  timer_at_ = next;
  absl::Duration delay = std::max(next - Monotonic(), absl::Milliseconds(1));
  context_->executor->PostAfter(delay, [weak = weak_from_this(), next] {
    auto self = weak.lock();
    if (self == nullptr) return;
    self->Post([self, next] {
      if (self->timer_at_ != next) return;  // an earlier one was armed since, and fired
      self->timer_at_ = absl::InfiniteDuration();
      self->OnTimer();
    });
  });
}

void Study::OnTimer() {
  if (deleting_) return;
  ExpireLeases();
  ExpireWaiters();
  bool idle = (!leases_ || leases_->outstanding() == 0) && waiters_.empty() &&
              Monotonic() - last_call_ >= kQuiet;
  // With nobody at work the step would never end; its answers stay, should the study be resumed.
  if (entry_.state == StudyState::kActive && !control_in_flight_ && idle && MaxTimeReached()) {
    Finish("max_time is used up");
    FlushDerived();
  }
  ServeWaiters();
  ArmTimer();
}

}  // namespace polystep
