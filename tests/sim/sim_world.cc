#include "tests/sim/sim_world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

constexpr int64_t kMostTasks = 3'000'000;
// A lease that outlives restarts starts its time anew with each: crashes for ever would keep a dead
// worker's evaluations from the living.
constexpr int kMostCrashes = 50;
constexpr absl::Duration kLongestRun = absl::Hours(24);

}  // namespace

SimWorld::SimWorld(std::vector<SimStudy> studies, Options options)
    : options_(options),
      executor_(options.seed),
      storage_({.seed = options.seed, .max_queued_units = options.store_queue}, &executor_),
      network_(options.network, &executor_) {
  shared_.executor = &executor_;
  shared_.network = &network_;
  for (SimStudy& study : studies) {
    const std::string id = study.name;
    shared_.served.push_back({std::move(study), id, {}, {}});
  }
  results_.resize(studies.size());
  unchecked_ = studies.size();
  shared_.violation = [this](std::string text) { Violation(std::move(text)); };
  shared_.tell_acknowledged = [this] {
    if (executor_.Chance(options_.crash_after_acknowledgement)) {
      ScheduleCrash(executor_.Between(0.0, 0.004));
    }
  };
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(
        std::make_unique<SimWorker>(absl::StrCat("w", i), options_.worker, &shared_));
  }
}

void SimWorld::StartServer() {
  Engine::Options options;
  options.snapshot_interval = options_.snapshot_interval;
  options.random_bytes = [this](size_t count) { return executor_.Bytes(count); };
  engine_ = std::make_unique<Engine>(options, &executor_, &executor_, &storage_);
  if (absl::Status status = engine_->Recover(); !status.ok()) {
    return Violation(absl::StrCat("recovery failed: ", status.ToString()));
  }
  Upload(0);
}

// The start values of study `n`, if it has any; then it is created, and the next one's turn.
void SimWorld::Upload(size_t n) {
  const std::vector<float>& values = shared_.served[n].study.upload;
  if (values.empty()) return Create(n);
  engine_->UploadTensor(values, [this, n](absl::StatusOr<UploadView> view) {
    if (absl::IsResourceExhausted(view.status())) return StopServer();
    if (absl::IsUnavailable(view.status())) return;  // it drains: its successor is asked
    if (!view.ok()) return Violation(absl::StrCat("upload failed: ", view.status().ToString()));
    shared_.served[n].study.spec.search.tensors[0].initializer.content_id = view->content_id;
    Create(n);
  });
}

// A repeated creation finds the study that is there.
void SimWorld::Create(size_t n) {
  CreateStudyParams params;
  params.id = shared_.served[n].id;
  params.spec = shared_.served[n].study.spec;
  engine_->CreateStudy(params, [this, n](absl::StatusOr<StudyView> view) {
    if (absl::IsResourceExhausted(view.status())) return StopServer();
    if (absl::IsUnavailable(view.status())) return;  // it drains: its successor is asked
    if (!view.ok()) return Violation(absl::StrCat("creation failed: ", view.status().ToString()));
    if (n + 1 < shared_.served.size()) return Upload(n + 1);
    network_.set_engine(engine_.get());
    for (const SimServed& served : shared_.served) Retell(served);
  });
}

bool SimWorld::ended() const {
  return std::all_of(results_.begin(), results_.end(),
                     [](const auto& result) { return result.has_value(); });
}

void SimWorld::CrashServer() {
  if (ended() || engine_ == nullptr || crashes_ >= kMostCrashes) return;
  ++crashes_;
  if (!executor_.Chance(options_.graceful)) return StopServer();
  // Drained it may be killed all the same, before or after it is done.
  engine_->Drain([this, engine = engine_.get()](absl::Status) {
    if (engine == engine_.get()) StopServer();
  });
}

void SimWorld::StopServer() {
  network_.set_engine(nullptr);
  engine_.reset();
  storage_.Crash();
  executor_.PostAfter(executor_.Between(0.01, 2.0), [this] { StartServer(); });
}

void SimWorld::ScheduleCrash(absl::Duration delay) {
  executor_.PostAfter(delay, [this] { CrashServer(); });
}

void SimWorld::ScheduleRandomCrash() {
  if (options_.mean_seconds_between_crashes <= 0.0) return;
  absl::Duration delay = executor_.Between(0.0, 2.0 * options_.mean_seconds_between_crashes);
  executor_.PostAfter(delay, [this] {
    CrashServer();
    ScheduleRandomCrash();
  });
}

// Everything acknowledged of the last steps, once more: nothing of it may be new.
void SimWorld::Retell(const SimServed& served) {
  if (served.acknowledged.empty()) return;
  int64_t last = served.acknowledged.rbegin()->first.first;
  for (auto it = served.acknowledged.lower_bound({last - 1, 0}); it != served.acknowledged.end();
       ++it) {
    TellParams tell;
    tell.study = served.id;
    tell.token = it->second.token;
    tell.step = it->first.first;
    uint32_t index = it->first.second;
    tell.slices.push_back({index, {it->second.loss}, {}, {it->second.violation}});
    if (it->second.infeasible) {
      tell.slices.back().failures.push_back({index, Failure::Kind::kInfeasible, ""});
    }
    engine_->Tell(
        tell, [] { return false; },
        [this](absl::StatusOr<TellResult> result) { CheckRetold(1, result); });
  }
}

void SimWorld::CheckRetold(uint32_t told, const absl::StatusOr<TellResult>& result) {
  if (absl::IsResourceExhausted(result.status())) return;
  if (!result.ok()) return Violation(absl::StrCat("retelling: ", result.status().ToString()));
  if (result->accepted != 0) Violation("an acknowledged loss was gone after the crash");
  if (result->conflicting != 0) Violation("an acknowledged loss was another after the crash");
  if (result->duplicate + result->stale != told) Violation("a retold loss was not counted");
}

void SimWorld::Extend(const SimServed& served) {
  UpdateStudyParams update;
  update.id = served.id;
  update.stop = served.study.then;
  engine_->UpdateStudy(update, [this, id = served.id](absl::StatusOr<StudyView> view) {
    if (!view.ok()) return Violation(absl::StrCat("update: ", view.status().ToString()));
    engine_->ResumeStudy(id, [this](absl::StatusOr<StudyView> resumed) {
      if (!resumed.ok()) Violation(absl::StrCat("resume: ", resumed.status().ToString()));
    });
  });
}

// Looks at the studies now and then; pauses one for a while; sends it on; takes note of its end.
void SimWorld::Supervise() {
  if (ended()) return;
  executor_.PostAfter(absl::Milliseconds(700), [this] { Supervise(); });
  if (engine_ == nullptr) return;
  for (size_t n = 0; n < results_.size(); ++n) {
    if (results_[n]) continue;
    engine_->GetStudy(shared_.served[n].id, [this, n](absl::StatusOr<StudyView> view) {
      if (view.ok() && !results_[n]) Judge(n, *view);
    });
  }
}

void SimWorld::Judge(size_t n, const StudyView& view) {
  const SimServed& served = shared_.served[n];
  if (view.state == StudyState::kPaused) {
    engine_->ResumeStudy(served.id, [](absl::StatusOr<StudyView>) {});
  } else if (view.state == StudyState::kActive && options_.workers > 1 && executor_.Chance(0.02)) {
    engine_->PauseStudy(served.id, [](absl::StatusOr<StudyView>) {});
  } else if (view.state == StudyState::kSucceeded) {
    // A crash may have taken the update, or the resumption, before either was acknowledged.
    const SimStudy& study = served.study;
    if (study.then && view.evaluations <= *study.spec.stop.max_evaluations) return Extend(served);
    results_[n] = view;
    CheckSteps(n);
  }
}

void SimWorld::CheckSteps(size_t n) {
  engine_->ListSteps(shared_.served[n].id, 0, 1000,
                     [this, n](absl::StatusOr<std::vector<StepRow>> rows) {
                       --unchecked_;
                       const StudyView& view = *results_[n];
                       if (!rows.ok())
                         return Violation(absl::StrCat("steps: ", rows.status().ToString()));
                       if (static_cast<int64_t>(rows->size()) != view.step)
                         Violation("a step's row is missing");
                       if (!rows->empty() && rows->back().digest != view.trajectory_digest) {
                         Violation("the last row's digest is not the study's");
                       }
                     });
}

std::vector<std::optional<StudyView>> SimWorld::Run() {
  StartServer();
  for (auto& worker : workers_) worker->Start();
  ScheduleRandomCrash();
  Supervise();
  while (unchecked_ > 0 && violations_.empty()) {
    if (!executor_.RunOne() || executor_.tasks_run() > kMostTasks ||
        executor_.Monotonic() > kLongestRun) {
      Violation(absl::StrCat("the study did not end: ", executor_.tasks_run(), " tasks, ",
                             absl::FormatDuration(executor_.Monotonic())));
    }
  }
  for (auto& worker : workers_) worker->Stop();
  return results_;
}

}  // namespace polystep
