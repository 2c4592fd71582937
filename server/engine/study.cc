#include "server/engine/study.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "server/base/hex.h"
#include "server/base/sha256.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study_state.h"

namespace polystep {
namespace {

uint64_t RandomU64(const EngineContext& context) {
  std::string bytes = context.options.random_bytes(8);
  return ByteReader(bytes).U64();
}

}  // namespace

Study::Study(std::shared_ptr<EngineContext> context, std::string uid, std::string id,
             StudyEntry entry, Trajectory trajectory)
    : context_(std::move(context)),
      strand_(context_->executor),
      uid_(std::move(uid)),
      id_(std::move(id)),
      requested_(entry.requested),
      request_id_(entry.request_id),
      entry_(std::move(entry)),
      trajectory_(std::move(trajectory)),
      space_(trajectory_->search().space()),
      active_since_(Monotonic()),
      snapshot_time_(Monotonic()),
      workers_(limits::kWorkers),
      next_lease_id_(RandomU64(*context_)) {}

// Keeps the study, and does nothing once the engine has stopped.
Task Study::Guarded(Task task) {
  return [self = shared_from_this(), task = std::move(task)]() mutable {
    if (!self->context_->stopped) std::move(task)();
  };
}

void Study::Post(Task task) { strand_.Post(Guarded(std::move(task))); }

void Study::Dispatch(Task task) {
  if (long_steps_.load(std::memory_order_relaxed)) return Post(std::move(task));
  strand_.Dispatch(Guarded(std::move(task)));
}

absl::Status Study::Gate() const {
  if (deleting_) return StudyNotFound(id_);
  return refusal_;
}

std::string Study::Etag() const {
  return HexEncode(Sha256(absl::StrCat(uid_, "/", entry_.revision)).substr(0, 8));
}

absl::Status Study::CheckEtag(const std::string& etag) const {
  if (etag.empty() || etag == Etag()) return absl::OkStatus();
  return WithReason(absl::AbortedError(absl::StrCat("etag: \"", etag, "\" is not that of study \"",
                                                    id_, "\", which was changed meanwhile")),
                    reason::kEtagMismatch);
}

absl::Duration Study::ActiveTime() const {
  if (entry_.state != StudyState::kActive) return entry_.active_time;
  return entry_.active_time + (Monotonic() - active_since_);
}

void Study::Touch(StudyEntry& entry) const {
  ++entry.revision;
  entry.update_time = context_->clock->Now();
  entry.active_time = ActiveTime();
}

StudyView Study::View() const {
  StudyView view;
  view.id = id_;
  view.uid = uid_;
  view.etag = Etag();
  view.display_name = entry_.display_name;
  view.labels = entry_.labels;
  view.spec = requested_;
  view.spec.lease = entry_.lease;
  view.spec.stop = entry_.stop;
  view.effective_optimizer = entry_.resolved.optimizer;
  view.space = space_;
  view.state = entry_.state;
  view.state_reason = entry_.state_reason;
  view.create_time = entry_.create_time;
  view.update_time = recent_.empty() ? entry_.update_time
                                     : std::max(entry_.update_time, recent_.back().commit_time);
  view.algorithm_revision = entry_.algorithm_revision;
  if (!trajectory_) {
    view.state = StudyState::kFailed;
    view.state_reason = std::string(refusal_.message());
    return view;
  }
  Progress progress = trajectory_->progress();
  view.step = trajectory_->step();
  view.evaluations = progress.evaluations;
  view.trajectory_digest = HexEncode(trajectory_->digest());
  view.counters = {.infeasible = progress.infeasible,
                   .transient = progress.transient,
                   .lost = counters_.lost,
                   .duplicate = counters_.duplicate,
                   .stale = counters_.stale,
                   .conflicting = counters_.conflicting,
                   .reused = progress.reused,
                   .score = progress.score};
  if (const std::optional<Incumbent>& best = trajectory_->search().best()) {
    view.best =
        Solution{trajectory_->Sign(best->loss), best->step, best->index, {{}, {}}, best->violation};
    // GetSolution has the tensors.
    if (space_->has_parameters()) {
      view.best->point.parameters = space_->DecodeParameters(best->point.Coordinates());
    }
  }
  return view;
}

void Study::Get(Callback<StudyView> done) {
  Post([this, done = std::move(done)]() mutable {
    if (deleting_) return std::move(done)(StudyNotFound(id_));
    std::move(done)(View());
  });
}

// --- control: one change at a time, each durable before it acts
// -----------------------------------

void Study::Submit(Control control) {
  Post([this, control = std::move(control)]() mutable {
    absl::Status gate = control.erase && !deleting_ ? absl::OkStatus() : Gate();
    if (gate.ok() && controls_.size() >= limits::kControlQueue) {
      gate = WithRetryDelay(
          WithReason(absl::ResourceExhaustedError(absl::StrCat(
                         "study \"", id_, "\" has ", limits::kControlQueue, " changes waiting")),
                     reason::kQueueFull),
          absl::Seconds(1));
    }
    if (!gate.ok()) return std::move(control.done)(gate);
    controls_.push_back(std::move(control));
    RunControls();
  });
}

void Study::RunControls() {
  while (!control_in_flight_ && !controls_.empty()) {
    Control control = std::move(controls_.front());
    controls_.pop_front();
    if (deleting_) {
      std::move(control.done)(StudyNotFound(id_));
      continue;
    }
    StudyEntry next = entry_;
    std::vector<LogEntry> log;
    absl::StatusOr<bool> changes = control.decide(next, log);
    if (!changes.ok() || !*changes) {
      std::move(control.done)(changes.status());
      continue;
    }
    CommitControl(std::move(control), std::move(next), std::move(log));
  }
}

void Study::CommitControl(Control control, StudyEntry next, std::vector<LogEntry> log) {
  control_in_flight_ = true;
  std::vector<Mutation> mutations;
  if (control.erase) {
    deleting_ = true;  // nothing may be written of it behind this
    mutations.push_back(EraseStudy{uid_});
  } else {
    Touch(next);
    mutations.push_back(PutStudy{{uid_, id_, EncodeStudyEntry(next)}});
    for (const LogEntry& entry : log) {
      mutations.push_back(AppendAnswers{uid_, {trajectory_->step(), EncodeLogEntry(entry)}});
    }
  }
  auto applied = [this, self = shared_from_this(), control = std::move(control),
                  next = std::move(next), log = std::move(log)](absl::Status status) mutable {
    Post([this, status = std::move(status), control = std::move(control), next = std::move(next),
          log = std::move(log)]() mutable {
      control_in_flight_ = false;
      if (status.ok()) {
        ApplyControl(control, std::move(next), log);
      } else {
        if (control.erase) deleting_ = false;
        status = CommitFailed(std::move(status));
      }
      std::move(control.done)(status);
      RunControls();
      FlushDerived();
      SettleDerived();
      Advance();
    });
  };
  context_->storage->Commit(std::move(mutations), std::move(applied));
}

void Study::ApplyControl(Control& control, StudyEntry next, const std::vector<LogEntry>& log) {
  if (control.erase) return ApplyErased();
  bool new_state = next.state != entry_.state;
  entry_ = std::move(next);
  active_since_ = Monotonic();
  derived_.study = false;  // what was waiting is part of what was just written
  for (const LogEntry& entry : log) {
    if (const auto* change = std::get_if<PolicyChange>(&entry)) trajectory_->set_stop(change->stop);
    if (std::holds_alternative<BreakerReset>(entry)) {
      trajectory_->ResetBreaker();
      if (leases_) leases_->ForgetLosses();
    }
  }
  if (new_state) StateChanged();
}

void Study::ApplyErased() {
  AnswerWaiters(StudyNotFound(id_));
  for (WatchState& watch : watches_) watch.update(StudyNotFound(id_));
  watches_.clear();
  leases_.reset();
  PublishOffer();
}

absl::AnyInvocable<void(absl::Status)> Study::ViewAfter(Callback<StudyView> done) {
  return [this, done = std::move(done)](const absl::Status& status) mutable {
    if (!status.ok()) return std::move(done)(status);
    std::move(done)(View());
  };
}

void Study::ChangeState(StudyState to, Callback<StudyView> done) {
  Control control;
  control.decide = [to](StudyEntry& next, std::vector<LogEntry>&) -> absl::StatusOr<bool> {
    if (next.state == to) return false;
    if (absl::Status status = Transition(next.state, to); !status.ok()) return status;
    next.state_reason.clear();
    return true;
  };
  control.done = ViewAfter(std::move(done));
  Submit(std::move(control));
}

void Study::Pause(Callback<StudyView> done) { ChangeState(StudyState::kPaused, std::move(done)); }

void Study::Stop(Callback<StudyView> done) { ChangeState(StudyState::kStopped, std::move(done)); }

void Study::PauseBecause(std::string reason) {
  Control control;
  control.decide = [reason = std::move(reason)](StudyEntry& next,
                                                std::vector<LogEntry>&) -> absl::StatusOr<bool> {
    if (next.state != StudyState::kActive) return false;
    next.state = StudyState::kPaused;
    next.state_reason = reason;
    return true;
  };
  // Where this fails the store has said why, and nothing goes on without it.
  control.done = [](const absl::Status&) {};
  controls_.push_back(std::move(control));
  RunControls();
}

absl::StatusOr<bool> Study::DecideResume(StudyEntry& next, std::vector<LogEntry>& log) const {
  if (next.state == StudyState::kActive) return false;
  if (absl::Status status = Transition(next.state, StudyState::kActive); !status.ok()) {
    return status;
  }
  std::optional<std::string> reason;
  if (!trajectory_->is_open()) reason = trajectory_->StopReason();
  if (!reason && MaxTimeReached()) reason = "max_time is used up";
  if (reason) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat("study \"", id_, "\" would end at once (",
                                                   *reason, "): raise that stop criterion first")),
        reason::kStudyState);
  }
  next.state_reason.clear();
  log.push_back(BreakerReset{});
  return true;
}

void Study::Resume(Callback<StudyView> done) {
  Control control;
  control.decide = [this](StudyEntry& next, std::vector<LogEntry>& log) {
    return DecideResume(next, log);
  };
  control.done = ViewAfter(std::move(done));
  Submit(std::move(control));
}

absl::StatusOr<bool> Study::DecideUpdate(const UpdateStudyParams& params, StudyEntry& next,
                                         std::vector<LogEntry>& log) const {
  if (absl::Status status = CheckEtag(params.etag); !status.ok()) return status;
  if (params.display_name) next.display_name = *params.display_name;
  if (params.labels) next.labels = *params.labels;
  if (params.lease) next.lease = *params.lease;
  if (params.stop) {
    next.stop = *params.stop;
    log.push_back(PolicyChange{*params.stop, !trajectory_->is_open()});
  }
  return true;
}

void Study::Update(UpdateStudyParams params, Callback<StudyView> done) {
  Control control;
  control.decide = [this, params = std::move(params)](StudyEntry& next,
                                                      std::vector<LogEntry>& log) {
    return DecideUpdate(params, next, log);
  };
  control.done = ViewAfter(std::move(done));
  Submit(std::move(control));
}

void Study::Delete(std::string etag, Callback<std::monostate> done) {
  Control control;
  control.erase = true;
  control.decide = [this, etag = std::move(etag)](StudyEntry&,
                                                  std::vector<LogEntry>&) -> absl::StatusOr<bool> {
    if (absl::Status status = CheckEtag(etag); !status.ok()) return status;
    return true;
  };
  control.done = [done = std::move(done)](const absl::Status& status) mutable {
    if (!status.ok()) return std::move(done)(status);
    std::move(done)(std::monostate{});
  };
  Submit(std::move(control));
}

void Study::GetSolution(Engine::SolutionKind kind, Callback<Engine::SolutionView> done) {
  Post([this, kind, done = std::move(done)]() mutable {
    if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
    const Search& search = trajectory_->search();
    Engine::SolutionView view;
    view.space = space_;
    if (kind == Engine::SolutionKind::kCenter) {
      view.step = search.step();
      view.point = space_->Decode(search.center());
      return std::move(done)(std::move(view));
    }
    if (!search.best()) {
      return std::move(done)(WithReason(absl::FailedPreconditionError(absl::StrCat(
                                            "study \"", id_, "\" has no best solution yet")),
                                        reason::kStudyState));
    }
    view.loss = trajectory_->Sign(search.best()->loss);
    view.step = search.best()->step;
    view.index = search.best()->index;
    view.point = space_->Decode(search.best()->point.Coordinates());
    view.violation = search.best()->violation;
    std::move(done)(std::move(view));
  });
}

}  // namespace polystep
