// The streaming calls of StudyCalls.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/status.h"
#include "server/rpc/enum_tables.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/solution_chunks.h"
#include "server/rpc/study_calls.h"
#include "server/rpc/study_watch.h"

namespace polystep {
namespace {

// A stream that is refused.
template <class Message>
class FailedSource : public MessageSource<Message> {
 public:
  explicit FailedSource(absl::Status status) : status_(std::move(status)) {}
  void Next(Callback<std::optional<Message>> done) override { done(status_); }
  void Cancel() override {}

 private:
  const absl::Status status_;
};

// Asks the engine at the first Next, then cuts what it got into messages. Next runs one at a time,
// so nothing here needs a lock; the engine answers at once, so a cancel is seen at the next write.
class SolutionSource : public MessageSource<v1::SolutionChunk>,
                       public std::enable_shared_from_this<SolutionSource> {
 public:
  SolutionSource(Engine* engine, std::string id, Engine::SolutionKind kind)
      : engine_(engine), id_(std::move(id)), kind_(kind) {}

  void Next(Callback<std::optional<v1::SolutionChunk>> done) override {
    if (chunks_) return Send(std::move(done));
    engine_->GetSolution(id_, kind_,
                         [self = shared_from_this(), done = std::move(done)](
                             absl::StatusOr<Engine::SolutionView> solution) mutable {
                           if (!solution.ok()) return done(solution.status());
                           self->chunks_.emplace(*std::move(solution));
                           self->Send(std::move(done));
                         });
  }
  void Cancel() override {}

 private:
  void Send(Callback<std::optional<v1::SolutionChunk>> done) {
    v1::SolutionChunk chunk;
    if (!chunks_->Next(chunk)) return done(std::optional<v1::SolutionChunk>());
    done(std::optional<v1::SolutionChunk>(std::move(chunk)));
  }

  Engine* const engine_;
  const std::string id_;
  const Engine::SolutionKind kind_;
  std::optional<SolutionChunks> chunks_;
};

}  // namespace

std::shared_ptr<MessageSource<v1::WatchStudyResponse>> StudyCalls::WatchStudy(
    const v1::WatchStudyRequest& request) {
  using Failed = FailedSource<v1::WatchStudyResponse>;
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return std::make_shared<Failed>(id.status());
  if (request.first_step() < 0) {
    return std::make_shared<Failed>(
        FieldError("first_step", absl::StrCat("must not be negative, is ", request.first_step())));
  }
  auto watch = std::make_shared<StudyWatch>(engine_, *std::move(id), request.first_step());
  MutexLock lock(mutex_);
  if (watches_ended_) return std::make_shared<Failed>(Draining());
  std::erase_if(watches_, [](const auto& known) { return known.expired(); });
  watches_.push_back(watch);
  return watch;
}

void StudyCalls::EndWatches() {
  std::vector<std::weak_ptr<StudyWatch>> watches;
  {
    MutexLock lock(mutex_);
    watches_ended_ = true;
    watches.swap(watches_);
  }
  for (const std::weak_ptr<StudyWatch>& watch : watches) {
    if (auto alive = watch.lock()) alive->End(Draining());
  }
}

std::shared_ptr<MessageSource<v1::SolutionChunk>> StudyCalls::GetSolution(
    const v1::GetSolutionRequest& request) {
  using Failed = FailedSource<v1::SolutionChunk>;
  absl::StatusOr<std::string> id = StudyIdFromName("name", request.name());
  if (!id.ok()) return std::make_shared<Failed>(id.status());
  absl::StatusOr<Engine::SolutionKind> kind = EnumFromProto("kind", kSolutionKinds, request.kind());
  if (!kind.ok()) return std::make_shared<Failed>(kind.status());
  return std::make_shared<SolutionSource>(engine_, *std::move(id), *kind);
}

}  // namespace polystep
