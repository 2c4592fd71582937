#include "server/engine/engine.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/base/random_bytes.h"
#include "server/engine/engine_context.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/study.h"
#include "server/engine/study_pool.h"
#include "server/engine/study_registry.h"
#include "server/engine/validate.h"

namespace polystep {
namespace {

// Joins many answers into one: runs `done` when the last of `count` parts is in.
template <class Part>
struct Gathering {
  explicit Gathering(size_t count) : parts(count), missing(count) {}

  std::vector<absl::StatusOr<Part>> parts;
  std::atomic<size_t> missing;
};

absl::Status CheckTokens(const std::vector<std::string>& tokens) {
  if (tokens.size() <= limits::kTokens) return absl::OkStatus();
  return FieldError("tokens",
                    absl::StrCat("has ", tokens.size(), ", the limit is ", limits::kTokens));
}

absl::Status CheckUpdate(const UpdateStudyParams& params) {
  absl::Status status;
  if (params.display_name) {
    status = ValidateText("display_name", *params.display_name, limits::kDisplayName);
  }
  if (status.ok() && params.labels) status = ValidateLabels(*params.labels);
  if (status.ok() && params.lease) status = ValidateLeasePolicy(*params.lease);
  if (status.ok() && params.stop) status = ValidateStopCriteria(*params.stop);
  return status;
}

}  // namespace

class Engine::Impl {
 public:
  std::shared_ptr<EngineContext> context = std::make_shared<EngineContext>();
  std::shared_ptr<StudyRegistry> registry = std::make_shared<StudyRegistry>(context);

  // Answers `status` as every other answer comes: on an executor thread.
  template <class T>
  void Refuse(absl::Status status, Callback<T> done) {
    context->executor->Post([status = std::move(status), done = std::move(done)]() mutable {
      std::move(done)(status);
    });
  }

  // Runs `call(study, done)` if the study exists and `check` is OK.
  template <class T, class Call>
  void With(const std::string& id, Callback<T> done, Call call,
            absl::Status check = absl::OkStatus()) {
    if (!check.ok()) return Refuse(std::move(check), std::move(done));
    absl::StatusOr<std::shared_ptr<Study>> study = registry->Find(id);
    if (!study.ok()) return Refuse(study.status(), std::move(done));
    call(**study, std::move(done));
  }
};

Engine::Engine(Options options, const Clock* clock, Executor* executor, Storage* storage)
    : impl_(std::make_unique<Impl>()) {
  if (!options.random_bytes) options.random_bytes = RandomBytes;
  impl_->context->uploads = std::make_shared<UploadStore>(
      UploadStore::Options{options.max_upload_bytes, clock, executor, storage});
  impl_->context->options = std::move(options);
  impl_->context->clock = clock;
  impl_->context->executor = executor;
  impl_->context->storage = storage;
  impl_->context->pool = std::make_shared<StudyPool>(impl_->context.get());
}

Engine::~Engine() { impl_->context->stopped = true; }

absl::Status Engine::Recover() { return impl_->registry->Recover(); }

void Engine::CreateStudy(CreateStudyParams params, Callback<StudyView> done) {
  impl_->registry->Create(std::move(params), std::move(done));
}

void Engine::GetStudy(std::string id, Callback<StudyView> done) {
  impl_->With(id, std::move(done),
              [](Study& study, Callback<StudyView> done) { study.Get(std::move(done)); });
}

void Engine::ListStudies(std::string after_id, int limit, Callback<std::vector<StudyView>> done) {
  limit = std::clamp(limit, 1, limits::kPage);
  std::vector<std::shared_ptr<Study>> studies = impl_->registry->After(after_id, limit);
  if (studies.empty()) {
    return impl_->context->executor->Post(
        [done = std::move(done)]() mutable { std::move(done)(std::vector<StudyView>()); });
  }
  auto gathering = std::make_shared<Gathering<StudyView>>(studies.size());
  auto shared_done = std::make_shared<Callback<std::vector<StudyView>>>(std::move(done));
  for (size_t i = 0; i < studies.size(); ++i) {
    studies[i]->Get([gathering, shared_done, i](absl::StatusOr<StudyView> view) {
      gathering->parts[i] = std::move(view);
      if (--gathering->missing > 0) return;
      std::vector<StudyView> views;
      for (absl::StatusOr<StudyView>& part : gathering->parts) {
        if (part.ok()) views.push_back(*std::move(part));  // others were deleted meanwhile
      }
      std::move (*shared_done)(std::move(views));
    });
  }
}

void Engine::UpdateStudy(UpdateStudyParams params, Callback<StudyView> done) {
  std::string id = params.id;
  absl::Status check = CheckUpdate(params);
  impl_->With(
      id, std::move(done),
      [&](Study& study, Callback<StudyView> done) {
        study.Update(std::move(params), std::move(done));
      },
      std::move(check));
}

void Engine::DeleteStudy(std::string id, std::string etag, Callback<std::monostate> done) {
  impl_->With(id, std::move(done), [&](Study& study, Callback<std::monostate> done) {
    study.Delete(std::move(etag),
                 [registry = impl_->registry, study = study.shared_from_this(),
                  done = std::move(done)](absl::StatusOr<std::monostate> result) mutable {
                   if (result.ok()) registry->Remove(study);
                   std::move(done)(std::move(result));
                 });
  });
}

void Engine::PauseStudy(std::string id, Callback<StudyView> done) {
  impl_->With(id, std::move(done),
              [](Study& study, Callback<StudyView> done) { study.Pause(std::move(done)); });
}

void Engine::ResumeStudy(std::string id, Callback<StudyView> done) {
  impl_->With(id, std::move(done),
              [](Study& study, Callback<StudyView> done) { study.Resume(std::move(done)); });
}

void Engine::StopStudy(std::string id, Callback<StudyView> done) {
  impl_->With(id, std::move(done),
              [](Study& study, Callback<StudyView> done) { study.Stop(std::move(done)); });
}

void Engine::ListSteps(std::string id, int64_t first_step, int limit,
                       Callback<std::vector<StepRow>> done) {
  impl_->With(id, std::move(done), [=](Study& study, Callback<std::vector<StepRow>> done) {
    study.ListSteps(first_step, std::clamp(limit, 1, limits::kPage), std::move(done));
  });
}

void Engine::GetSolution(std::string id, SolutionKind kind, Callback<SolutionView> done) {
  impl_->With(id, std::move(done), [=](Study& study, Callback<SolutionView> done) {
    study.GetSolution(kind, std::move(done));
  });
}

void Engine::UploadTensor(std::vector<float> values, Callback<UploadView> done) {
  impl_->context->executor->Post(
      [context = impl_->context, values = std::move(values), done = std::move(done)]() mutable {
        if (context->stopped) return;
        if (context->draining) return std::move(done)(Draining());
        context->uploads->Put(std::move(values), [context, done = std::move(done)](
                                                     absl::StatusOr<UploadView> answer) mutable {
          if (!context->stopped) std::move(done)(std::move(answer));
        });
      });
}

void Engine::GetCenter(std::string study, std::string id, std::string known_id,
                       Callback<CenterView> done) {
  impl_->With(study, std::move(done), [&](Study& found, Callback<CenterView> done) {
    found.GetCenter(std::move(id), std::move(known_id), std::move(done));
  });
}

void Engine::WatchStudy(std::string id, int64_t after_step, std::function<bool()> cancelled,
                        Watcher update) {
  absl::StatusOr<std::shared_ptr<Study>> study = impl_->registry->Find(id);
  if (study.ok()) return (*study)->Watch(after_step, std::move(cancelled), std::move(update));
  impl_->context->executor->Post(
      [status = study.status(), update = std::move(update)]() mutable { update(status); });
}

void Engine::Ask(AskParams params, std::function<bool()> cancelled, Callback<AskResult> done) {
  std::string id = params.study;
  if (id == kAnyStudy) {
    absl::Status check = impl_->context->draining ? Draining() : ValidateAsk(params);
    if (!check.ok()) return impl_->Refuse(std::move(check), std::move(done));
    return impl_->context->pool->Ask(std::move(params), std::move(cancelled), std::move(done));
  }
  impl_->With(id, std::move(done), [&](Study& study, Callback<AskResult> done) {
    study.Ask(std::move(params), std::move(cancelled), std::move(done));
  });
}

void Engine::Tell(TellParams params, std::function<bool()> cancelled, Callback<TellResult> done) {
  std::string id = params.study;
  impl_->With(id, std::move(done), [&](Study& study, Callback<TellResult> done) {
    study.Tell(std::move(params), std::move(cancelled), std::move(done));
  });
}

void Engine::Renew(std::string study, std::vector<std::string> tokens,
                   Callback<std::vector<RenewResult>> done) {
  absl::Status check = CheckTokens(tokens);
  impl_->With(
      study, std::move(done),
      [&](Study& study, Callback<std::vector<RenewResult>> done) {
        study.Renew(std::move(tokens), std::move(done));
      },
      std::move(check));
}

void Engine::Release(std::string study, std::vector<std::string> tokens,
                     Callback<std::monostate> done) {
  absl::Status check = CheckTokens(tokens);
  impl_->With(
      study, std::move(done),
      [&](Study& study, Callback<std::monostate> done) {
        study.Release(std::move(tokens), std::move(done));
      },
      std::move(check));
}

void Engine::Drain(absl::AnyInvocable<void(absl::Status)> done) {
  impl_->context->draining = true;
  impl_->context->pool->Drain();
  std::vector<std::shared_ptr<Study>> studies =
      impl_->registry->After("", impl_->context->options.max_studies);
  auto gathering = std::make_shared<Gathering<std::monostate>>(studies.size() + 1);
  auto shared_done = std::make_shared<absl::AnyInvocable<void(absl::Status)>>(std::move(done));
  auto part_done = [gathering, shared_done](size_t part, absl::Status status) {
    gathering->parts[part] = std::monostate{};
    if (!status.ok()) gathering->parts[part] = std::move(status);
    if (--gathering->missing > 0) return;
    absl::Status all;
    for (const auto& drained : gathering->parts) all.Update(drained.status());
    std::move (*shared_done)(all);
  };
  for (size_t i = 0; i < studies.size(); ++i) {
    studies[i]->Drain([part_done, i](absl::Status status) { part_done(i, std::move(status)); });
  }
  // Everything queued before is durable once this barrier is.
  impl_->context->storage->Commit({}, [part_done, last = studies.size()](absl::Status status) {
    part_done(last, std::move(status));
  });
}

}  // namespace polystep
