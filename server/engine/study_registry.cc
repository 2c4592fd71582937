#include "server/engine/study_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "server/base/hex.h"
#include "server/base/sha256.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "server/engine/validate.h"

namespace polystep {
namespace {

// The schedules' horizon is part of the search and fixed with it; the stop criteria may change.
void FixHorizon(StudySpec& spec) {
  spec.search.horizon_evaluations = spec.stop.max_evaluations.value_or(0);
  spec.search.horizon_steps = spec.stop.max_steps.value_or(0);
}

// A study without a chosen id: a repeated request makes the same one.
std::string DrawId(const std::string& request_id, const EngineContext& context) {
  std::string bytes = request_id.empty() ? context.options.random_bytes(8)
                                         : Sha256(absl::StrCat("study/", request_id)).substr(0, 8);
  return absl::StrCat("s-", HexEncode(bytes));
}

absl::Status DifferentStudy(const std::string& id) {
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat("study \"", id, "\" exists with another spec")),
      reason::kStudyExists);
}

absl::Status CheckSame(const Study& study, const CreateStudyParams& params) {
  const StudySpec& existing = study.requested();
  bool same_seed = !params.spec.seed_given || params.spec.search.seed == existing.search.seed;
  if (same_seed && SpecFingerprint(existing) == SpecFingerprint(params.spec)) {
    return absl::OkStatus();
  }
  return DifferentStudy(study.id());
}

}  // namespace

absl::Status StudyRegistry::Recover() {
  absl::StatusOr<std::string> secret = context_->storage->Secret();
  if (!secret.ok()) return secret.status();
  context_->signer = TokenSigner(*secret);
  if (absl::Status status = context_->uploads->Recover(); !status.ok()) return status;
  absl::StatusOr<std::vector<StudyRecord>> records = context_->storage->Studies();
  if (!records.ok()) return records.status();
  for (const StudyRecord& record : *records) {
    absl::StatusOr<StudyHistory> history = context_->storage->History(record.uid);
    if (!history.ok()) return history.status();
    absl::StatusOr<std::shared_ptr<Study>> study = Study::Recover(context_, record, *history);
    if (!study.ok()) return study.status();
    MutexLock lock(mutex_);
    studies_[record.id] = *study;
  }
  context_->uploads->Sweep();
  for (const std::shared_ptr<Study>& study : After("", records->size())) study->Start();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Study>> StudyRegistry::Find(const std::string& id) const {
  MutexLock lock(mutex_);
  auto found = studies_.find(id);
  if (found == studies_.end()) return StudyNotFound(id);
  return found->second;
}

std::vector<std::shared_ptr<Study>> StudyRegistry::After(const std::string& after_id,
                                                         size_t limit) const {
  std::vector<std::shared_ptr<Study>> studies;
  MutexLock lock(mutex_);
  for (auto next = studies_.upper_bound(after_id); next != studies_.end() && studies.size() < limit;
       ++next) {
    studies.push_back(next->second);
  }
  return studies;
}

void StudyRegistry::Remove(const std::shared_ptr<Study>& study) {
  {
    MutexLock lock(mutex_);
    auto found = studies_.find(study->id());
    if (found == studies_.end() || found->second != study) return;
    studies_.erase(found);
  }
  context_->uploads->Unpin(study->requested().search);
}

absl::Status StudyRegistry::Check(const CreateStudyParams& params) const {
  if (context_->draining) return Draining();
  absl::Status status;
  if (!params.id.empty()) status = ValidateStudyId("study_id", params.id);
  if (status.ok()) status = ValidateText("request_id", params.request_id, limits::kRequestId);
  if (status.ok()) status = ValidateText("display_name", params.display_name, limits::kDisplayName);
  if (status.ok()) status = ValidateLabels(params.labels);
  if (status.ok()) status = ValidateLeasePolicy(params.spec.lease);
  if (status.ok()) status = ValidateStopCriteria(params.spec.stop);
  if (status.ok()) status = ValidateInitialPoints(params.spec.search.initial_points);
  return status;
}

StudyRegistry::Place StudyRegistry::Reserve(const CreateStudyParams& params,
                                            Callback<StudyView>& done,
                                            std::shared_ptr<Study>& existing) {
  MutexLock lock(mutex_);
  auto found = studies_.find(params.id);
  if (found != studies_.end()) {
    existing = found->second;
    return Place::kExists;
  }
  auto creating = creating_.find(params.id);
  if (creating != creating_.end()) {
    if (creating->second.size() >= limits::kCreatesInFlight) return Place::kFull;
    creating->second.push_back(
        [self = shared_from_this(), params, done = std::move(done)]() mutable {
          self->Create(std::move(params), std::move(done));
        });
    return Place::kJoined;
  }
  if (studies_.size() + creating_.size() >= static_cast<size_t>(context_->options.max_studies)) {
    return Place::kFull;
  }
  creating_[params.id];
  return Place::kReserved;
}

void StudyRegistry::Create(CreateStudyParams params, Callback<StudyView> done) {
  context_->executor->Post(
      [self = shared_from_this(), params = std::move(params), done = std::move(done)]() mutable {
        if (self->context_->stopped) return;
        if (absl::Status status = self->Check(params); !status.ok()) return std::move(done)(status);
        FixHorizon(params.spec);
        if (params.id.empty()) params.id = DrawId(params.request_id, *self->context_);
        std::shared_ptr<Study> existing;
        switch (self->Reserve(params, done, existing)) {
          case Place::kExists: {
            absl::Status same = CheckSame(*existing, params);
            return same.ok() ? existing->Get(std::move(done)) : std::move(done)(same);
          }
          case Place::kFull:
            return std::move(done)(WithReason(
                absl::ResourceExhaustedError(absl::StrCat("this server holds at most ",
                                                          self->context_->options.max_studies,
                                                          " studies: delete one")),
                reason::kTooManyStudies));
          case Place::kJoined:
            return;
          case Place::kReserved:
            return self->BuildAndCommit(std::move(params), std::move(done));
        }
      });
}

absl::StatusOr<std::shared_ptr<Study>> StudyRegistry::Build(const CreateStudyParams& params) const {
  StudyEntry entry;
  entry.display_name = params.display_name;
  entry.labels = params.labels;
  entry.request_id = params.request_id;
  entry.algorithm_revision = kAlgorithmRevision;
  entry.requested = params.spec;
  if (!params.spec.seed_given) {
    std::string bytes = context_->options.random_bytes(8);
    entry.requested.search.seed = ByteReader(bytes).U64();
  }
  entry.lease = params.spec.lease;
  entry.stop = params.spec.stop;
  entry.create_time = entry.update_time = context_->clock->Now();
  SearchSpec search = entry.requested.search;
  if (absl::Status status = context_->uploads->Load(search); !status.ok()) return status;
  absl::StatusOr<Trajectory> trajectory = Trajectory::Create(entry.requested, std::move(search));
  if (!trajectory.ok()) return trajectory.status();
  entry.resolved = trajectory->search().spec();
  std::string uid = HexEncode(context_->options.random_bytes(16));
  return std::make_shared<Study>(context_, std::move(uid), params.id, std::move(entry),
                                 *std::move(trajectory));
}

void StudyRegistry::BuildAndCommit(CreateStudyParams params, Callback<StudyView> done) {
  const absl::Status pinned = context_->uploads->Pin(params.spec.search);
  absl::StatusOr<std::shared_ptr<Study>> built = pinned.ok() ? Build(params) : pinned;
  if (!built.ok() || params.validate_only) {
    if (pinned.ok()) context_->uploads->Unpin(params.spec.search);
    EndCreation(params.id, nullptr);
    if (!built.ok()) return std::move(done)(built.status());
    return std::move(done)((*built)->View());
  }
  std::shared_ptr<Study> study = *std::move(built);
  StudyRecord record = study->Record();
  context_->storage->Commit(
      {PutStudy{std::move(record)}},
      [self = shared_from_this(), study, done = std::move(done)](absl::Status status) mutable {
        Executor* executor = self->context_->executor;
        executor->Post([self = std::move(self), study = std::move(study), done = std::move(done),
                        status = std::move(status)]() mutable {
          if (self->context_->stopped) return;
          if (!status.ok()) self->context_->uploads->Unpin(study->requested().search);
          self->EndCreation(study->id(), status.ok() ? study : nullptr);
          if (!status.ok()) return std::move(done)(status);
          study->Start();
          study->Get(std::move(done));
        });
      });
}

void StudyRegistry::EndCreation(const std::string& id, std::shared_ptr<Study> study) {
  std::vector<Task> waiting;
  {
    MutexLock lock(mutex_);
    if (study != nullptr) studies_[id] = std::move(study);
    auto found = creating_.find(id);
    waiting = std::move(found->second);
    creating_.erase(found);
  }
  for (Task& task : waiting) std::move(task)();
}

}  // namespace polystep
