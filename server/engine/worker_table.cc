#include "server/engine/worker_table.h"

#include <algorithm>

namespace polystep {
namespace {

constexpr absl::Duration kActive = absl::Minutes(1);
constexpr double kNewWeight = 0.4;
constexpr double kMemory = 1000.0;    // evaluations of a worker; then what is older counts half
constexpr double kMostSuccess = 0.9;  // of others, as far as a doubt goes: three in a row at least
constexpr double kPausingDoubt = 2e-3;
constexpr double kEnoughOfOthers = 10.0;  // evaluations, to judge by
constexpr absl::Duration kFast = absl::Seconds(1);
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
constexpr int kSlowWorker = 4;  // times what is typical

absl::Duration Average(absl::Duration old, absl::Duration latest) {
  if (old <= absl::ZeroDuration()) return latest;
  return old + (latest - old) * kNewWeight;
}

}  // namespace

WorkerTable::Worker& WorkerTable::See(const std::string& name, absl::Duration now) {
  auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    Workers& from = found->second->active ? active_ : away_;
    active_.splice(active_.begin(), from, found->second);
    active_.front().active = true;
  } else {
    if (by_name_.size() >= limit_) {
      Workers& oldest = away_.empty() ? active_ : away_;
      Count(oldest.back(), -oldest.back().succeeded, -oldest.back().answered);
      by_name_.erase(oldest.back().name);
      oldest.pop_back();
    }
    active_.emplace_front().name = name;
    by_name_[name] = active_.begin();
  }
  active_.front().last_seen = now;
  return active_.front();
}

void WorkerTable::Measure(const std::string& name, absl::Duration granted, uint32_t count,
                          absl::Duration now) {
  if (count == 0) return;
  Worker& worker = See(name, now);
  // A worker that prefetches holds a lease long before it starts on it.
  absl::Duration busy = now - std::max(granted, worker.last_tell);
  worker.last_tell = now;
  absl::Duration each = std::max(busy / count, absl::Nanoseconds(1));
  worker.per_evaluation = Average(worker.per_evaluation, each);
  evaluations_.Add(each);
}

void WorkerTable::Finish(const std::string& name, absl::Duration granted, uint32_t count,
                         absl::Duration now) {
  Worker& worker = See(name, now);
  worker.largest_finished = std::max(worker.largest_finished, count);
  leases_.Add(now - granted);
}

bool WorkerTable::IsSlow(const Worker& worker) const {
  return worker.per_evaluation > kSlowWorker * evaluations_.value();
}

void WorkerTable::Count(Worker& worker, double succeeded, double answered) {
  worker.succeeded += succeeded;
  worker.answered += answered;
  succeeded_ += succeeded;
  answered_ += answered;
}

bool WorkerTable::OthersSucceed(const Worker& worker, absl::Duration now) const {
  for (const Worker& other : active_) {
    if (now - other.last_seen > kActive) return false;
    if (&other != &worker && now - other.last_success <= kActive) return true;
  }
  return false;
}

void WorkerTable::Judge(const std::string& name, const Outcome& outcome, absl::Duration now) {
  const uint32_t answered = outcome.succeeded + outcome.failed;
  if (answered == 0) return;
  Worker& worker = See(name, now);
  Count(worker, outcome.succeeded, answered);
  if (worker.answered > kMemory) Count(worker, -worker.succeeded / 2, -worker.answered / 2);
  if (outcome.succeeded > 0) {
    worker.last_success = now;
    worker.doubt = 1.0;
    worker.pause = absl::ZeroDuration();
    return;
  }
  const double others = answered_ - worker.answered;
  const absl::Duration each = (now - std::max(outcome.granted, worker.last_tell)) / answered;
  if (others < kEnoughOfOthers || each > std::max(kFast, evaluations_.value())) return;
  const double success = std::min((succeeded_ - worker.succeeded) / others, kMostSuccess);
  for (uint32_t i = 0; i < outcome.failed && worker.doubt >= kPausingDoubt; ++i) {
    worker.doubt *= 1.0 - success;
  }
  if (worker.doubt >= kPausingDoubt || !OthersSucceed(worker, now)) return;
  worker.pause = std::clamp(2 * worker.pause, kFirstPause, kLongestPause);
  worker.paused_until = now + worker.pause;
}

absl::Duration WorkerTable::PauseLeft(const std::string& name, absl::Duration now) {
  const Worker& worker = See(name, now);
  if (worker.paused_until <= now || worker.pause == absl::ZeroDuration()) {
    return absl::ZeroDuration();
  }
  return OthersSucceed(worker, now) ? worker.paused_until - now : absl::ZeroDuration();
}

uint32_t WorkerTable::Active(absl::Duration now) {
  while (!active_.empty() && now - active_.back().last_seen > kActive) {
    active_.back().active = false;
    away_.splice(away_.begin(), active_, std::prev(active_.end()));
  }
  return std::max(1u, static_cast<uint32_t>(active_.size()));
}

}  // namespace polystep
