#include "server/rpc/study_watch.h"

#include <utility>

#include "server/rpc/study_to_proto.h"

namespace polystep {
namespace {

bool IsFinal(StudyState state) {
  return state == StudyState::kSucceeded || state == StudyState::kStopped ||
         state == StudyState::kFailed;
}

}  // namespace

void StudyWatch::Next(Done done) {
  std::optional<v1::WatchStudyResponse> message;
  std::optional<absl::Status> end;
  bool subscribe = false;
  {
    MutexLock lock(mutex_);
    if (!queue_.empty()) {
      message = std::move(queue_.front());
      queue_.pop_front();
    } else if (end_) {
      end = end_;
    } else {
      waiting_ = std::move(done);
    }
    if (queue_.empty() && !end_ && !subscribed_) subscribe = subscribed_ = true;
  }
  if (message) {
    done(std::move(message));
  } else if (end) {
    if (end->ok()) {
      done(std::optional<v1::WatchStudyResponse>());
    } else {
      done(*end);
    }
  }
  if (subscribe) Subscribe();
}

void StudyWatch::End(absl::Status status) {
  Done done;
  {
    MutexLock lock(mutex_);
    end_ = status;
    queue_.clear();
    done = std::exchange(waiting_, nullptr);
  }
  if (done) done(std::move(status));
}

bool StudyWatch::HasEnded() {
  MutexLock lock(mutex_);
  return end_.has_value();
}

void StudyWatch::Subscribe() {
  int64_t after;
  {
    MutexLock lock(mutex_);
    after = next_step_ - 1;
  }
  auto update = [self = shared_from_this()](absl::StatusOr<Engine::WatchUpdate> update) {
    return self->OnUpdate(std::move(update));
  };
  engine_->WatchStudy(
      id_, after, [self = shared_from_this()] { return self->HasEnded(); }, update);
}

bool StudyWatch::OnUpdate(absl::StatusOr<Engine::WatchUpdate> update) {
  Done done;
  std::optional<v1::WatchStudyResponse> message;
  bool more = false;
  {
    MutexLock lock(mutex_);
    if (end_) return false;
    if (update.ok()) {
      message = ToMessage(*update);
      if (IsFinal(update->study.state)) end_ = absl::OkStatus();
    } else {
      end_ = update.status();
    }
    done = std::exchange(waiting_, nullptr);
    if (!done && message) queue_.push_back(*std::move(message));
    more = !end_ && queue_.size() < kMaxQueued;
    subscribed_ = more;
  }
  if (done && update.ok()) done(std::move(message));
  if (done && !update.ok()) done(update.status());
  return more;
}

v1::WatchStudyResponse StudyWatch::ToMessage(const Engine::WatchUpdate& update) {
  v1::WatchStudyResponse message;
  *message.mutable_study() = StudyToProto(update.study);
  if (!first_message_) {
    message.mutable_study()->clear_spec();
    message.mutable_study()->clear_effective_optimizer();
  }
  first_message_ = false;
  for (const StepRow& row : update.steps) {
    *message.add_steps() = StepToProto(row);
    next_step_ = row.summary.step + 1;
  }
  return message;
}

}  // namespace polystep
