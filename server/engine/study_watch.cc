// Rows of closed steps, from memory or the store, and those who watch them close.
#include <algorithm>
#include <utility>

#include "server/engine/limits.h"
#include "server/engine/study.h"
#include "server/engine/study_state.h"

namespace polystep {
namespace {

constexpr int kWatchPage = 256;

}  // namespace

void Study::Remember(const StepRow& row) {
  recent_.push_back(row);
  if (recent_.size() > limits::kRecentSteps) recent_.pop_front();
}

// What has left memory is durable: answers committed behind it were applied since.
absl::StatusOr<std::vector<StepRow>> Study::Rows(int64_t first_step, int limit) {
  std::vector<StepRow> rows;
  int64_t remembered = recent_.empty() ? trajectory_->step() : recent_.front().summary.step;
  if (first_step < remembered) {
    int from_store = static_cast<int>(std::min<int64_t>(limit, remembered - first_step));
    absl::StatusOr<std::vector<StepRecord>> records =
        context_->storage->Steps(uid_, first_step, from_store);
    if (!records.ok()) return records.status();
    for (const StepRecord& record : *records) {
      absl::StatusOr<StepRow> row = DecodeStepRow(record.step, record.bytes);
      if (!row.ok()) return row.status();
      if (row->summary.step < remembered) rows.push_back(*std::move(row));
    }
  }
  for (const StepRow& row : recent_) {
    if (static_cast<int>(rows.size()) >= limit) break;
    if (row.summary.step >= first_step) rows.push_back(row);
  }
  return rows;
}

void Study::ListSteps(int64_t first_step, int limit, Callback<std::vector<StepRow>> done) {
  Post([this, first_step, limit, done = std::move(done)]() mutable {
    if (absl::Status gate = Gate(); !gate.ok()) return std::move(done)(gate);
    std::move(done)(Rows(std::max<int64_t>(first_step, 0), limit));
  });
}

void Study::Watch(int64_t after_step, std::function<bool()> cancelled, Engine::Watcher update) {
  Post([this, after_step, cancelled = std::move(cancelled), update = std::move(update)]() mutable {
    std::erase_if(watches_, [](const WatchState& watch) { return watch.cancelled(); });
    absl::Status status = Gate();
    if (status.ok() && watches_.size() >= limits::kWatchers) {
      status = absl::ResourceExhaustedError("study \"" + id_ + "\" is watched by " +
                                            std::to_string(limits::kWatchers) + " already");
    }
    if (!status.ok()) {
      update(status);
      return;
    }
    watches_.push_back(
        {std::max<int64_t>(after_step + 1, 0), std::move(cancelled), std::move(update), false});
    NotifyWatchers();
  });
}

void Study::StateChanged() {
  for (WatchState& watch : watches_) watch.told_state = false;
  NotifyWatchers();
  if (entry_.state != StudyState::kActive) AnswerWaiters(absl::OkStatus());
  PublishOffer();
}

void Study::NotifyWatchers() {
  bool behind = false;
  for (auto watch = watches_.begin(); watch != watches_.end();) {
    if (NotifyOne(*watch)) {
      behind = behind || watch->next_step < trajectory_->step();
      ++watch;
    } else {
      watch = watches_.erase(watch);
    }
  }
  // Who reads the past page by page lets others have the strand in between.
  if (behind) Post([this] { NotifyWatchers(); });
}

// False once the watch is over.
bool Study::NotifyOne(WatchState& watch) {
  if (watch.cancelled()) return false;
  if (watch.next_step >= trajectory_->step() && watch.told_state) return true;
  absl::StatusOr<std::vector<StepRow>> rows = Rows(watch.next_step, kWatchPage);
  if (!rows.ok()) {
    watch.update(rows.status());
    return false;
  }
  if (!rows->empty()) watch.next_step = rows->back().summary.step + 1;
  bool caught_up = rows->empty() || watch.next_step >= trajectory_->step();
  if (caught_up) watch.next_step = std::max(watch.next_step, trajectory_->step());
  Engine::WatchUpdate update{View(), *std::move(rows)};
  watch.told_state = true;
  bool over = IsFinished(entry_.state) && caught_up;
  return watch.update(std::move(update)) && !over;
}

}  // namespace polystep
