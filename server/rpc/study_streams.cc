// The streaming calls of StudyCalls.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/status.h"
#include "server/rpc/enum_tables.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/solution_chunks.h"
#include "server/rpc/sources.h"
#include "server/rpc/study_calls.h"
#include "server/rpc/study_watch.h"

namespace polystep {
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
  using Source = ChunkSource<v1::SolutionChunk, Engine::SolutionView, SolutionChunks>;
  return std::make_shared<Source>(
      [engine = engine_, id = *std::move(id), kind = *kind](Callback<Engine::SolutionView> done) {
        engine->GetSolution(id, kind, std::move(done));
      });
}

std::unique_ptr<TensorUpload> StudyCalls::UploadTensor() {
  return std::make_unique<TensorUpload>(engine_, uploads_);
}

}  // namespace polystep
