// WatchStudy as messages to pull: the study now, then its steps and changes of state.
//
// A reader slower than the study costs a bounded queue: at its limit the subscription ends, and is
// made again after the last step queued once the queue is read. Thread-safe.
#ifndef POLYSTEP_SERVER_RPC_STUDY_WATCH_H_
#define POLYSTEP_SERVER_RPC_STUDY_WATCH_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "polystep/v1/study_service.pb.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "server/rpc/call.h"

namespace polystep {

class StudyWatch : public MessageSource<v1::WatchStudyResponse>,
                   public std::enable_shared_from_this<StudyWatch> {
 public:
  static constexpr size_t kMaxQueued = 16;  // messages

  // Sends steps from `first_step` on.
  StudyWatch(Engine* engine, std::string id, int64_t first_step)
      : engine_(engine), id_(std::move(id)), next_step_(first_step) {}

  void Next(Callback<std::optional<v1::WatchStudyResponse>> done) override;
  void Cancel() override { End(absl::CancelledError("the watch was cancelled")); }

  // Answers a waiting Next, and all later ones, with `status`.
  void End(absl::Status status);

 private:
  using Done = Callback<std::optional<v1::WatchStudyResponse>>;

  bool HasEnded();
  void Subscribe();
  bool OnUpdate(absl::StatusOr<Engine::WatchUpdate> update);
  v1::WatchStudyResponse ToMessage(const Engine::WatchUpdate& update)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Engine* const engine_;
  const std::string id_;
  Mutex mutex_;
  int64_t next_step_ ABSL_GUARDED_BY(mutex_);
  bool first_message_ ABSL_GUARDED_BY(mutex_) = true;
  bool subscribed_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);  // OK: the study ended
  std::deque<v1::WatchStudyResponse> queue_ ABSL_GUARDED_BY(mutex_);
  Done waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_STUDY_WATCH_H_
