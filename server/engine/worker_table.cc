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
constexpr uint32_t kCountedWorkers = 4096;  // more make no difference to a lease's size

absl::Duration Average(absl::Duration old, absl::Duration latest) {
  if (old <= absl::ZeroDuration()) return latest;
  return old + (latest - old) * kNewWeight;
}

}  // namespace

WorkerTable::Worker& WorkerTable::See(const std::string& name, absl::Duration now) {
  auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    workers_.splice(workers_.begin(), workers_, found->second);
  } else {
    if (workers_.size() >= limit_) {
      Count(workers_.back(), -workers_.back().succeeded, -workers_.back().answered);
      by_name_.erase(workers_.back().name);
      workers_.pop_back();
    }
    workers_.emplace_front().name = name;
    by_name_[workers_.front().name] = workers_.begin();
  }
  workers_.front().last_seen = now;
  return workers_.front();
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
  typical_ = Average(typical_, each);
}

void WorkerTable::Finish(const std::string& name, uint32_t count, absl::Duration now) {
  Worker& worker = See(name, now);
  worker.largest_finished = std::max(worker.largest_finished, count);
}

void WorkerTable::Count(Worker& worker, double succeeded, double answered) {
  worker.succeeded += succeeded;
  worker.answered += answered;
  succeeded_ += succeeded;
  answered_ += answered;
}

bool WorkerTable::OthersSucceed(const Worker& worker, absl::Duration now) const {
  for (const Worker& other : workers_) {
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
  if (others < kEnoughOfOthers || each > std::max(kFast, typical_)) return;
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

uint32_t WorkerTable::Active(absl::Duration now) const {
  uint32_t active = 0;
  for (const Worker& worker : workers_) {
    if (now - worker.last_seen > kActive || active >= kCountedWorkers) break;
    ++active;
  }
  return std::max(1u, active);
}

}  // namespace polystep
