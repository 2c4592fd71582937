// All studies of an engine by their id, and how one comes to be.
//
// Shared by the tasks it posts, so it may outlive its engine for a moment. Thread-safe; no lock is
// held while a study, the store or a callback runs.
#ifndef POLYSTEP_SERVER_ENGINE_STUDY_REGISTRY_H_
#define POLYSTEP_SERVER_ENGINE_STUDY_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/base/executor.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "server/engine/engine_context.h"
#include "server/engine/study.h"

namespace polystep {

class StudyRegistry : public std::enable_shared_from_this<StudyRegistry> {
 public:
  explicit StudyRegistry(std::shared_ptr<EngineContext> context) : context_(std::move(context)) {}

  // Loads every study of the store and sets it going.
  absl::Status Recover();

  // NOT_FOUND if there is none.
  absl::StatusOr<std::shared_ptr<Study>> Find(const std::string& id) const;
  // At most `limit` studies with an id above `after_id`, ascending.
  std::vector<std::shared_ptr<Study>> After(const std::string& after_id, size_t limit) const;

  // Answers on an executor thread, once the study is durable.
  void Create(CreateStudyParams params, Callback<StudyView> done);
  // After its deletion is durable.
  void Remove(const std::shared_ptr<Study>& study);

 private:
  absl::Status Check(const CreateStudyParams& params) const;
  absl::StatusOr<std::shared_ptr<Study>> Build(const CreateStudyParams& params) const;
  // Finds the study, joins a creation under way (then `done` is taken) or reserves the id.
  enum class Place : uint8_t { kReserved, kExists, kJoined, kFull };
  Place Reserve(const CreateStudyParams& params, Callback<StudyView>& done,
                std::shared_ptr<Study>& existing);
  void BuildAndCommit(CreateStudyParams params, Callback<StudyView> done);
  void EndCreation(const std::string& id, std::shared_ptr<Study> study);

  std::shared_ptr<EngineContext> context_;
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<Study>, std::less<>> studies_ ABSL_GUARDED_BY(mutex_);
  // Ids whose creation is not durable yet, with the calls that wait to see what becomes of it.
  std::map<std::string, std::vector<Task>> creating_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STUDY_REGISTRY_H_
