#include "server/engine/worker_table.h"

#include <algorithm>

namespace polystep {
namespace {

constexpr absl::Duration kActive = absl::Minutes(1);
constexpr double kNewWeight = 0.4;
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

uint32_t WorkerTable::Active(absl::Duration now) const {
  uint32_t active = 0;
  for (const Worker& worker : workers_) {
    if (now - worker.last_seen > kActive || active >= kCountedWorkers) break;
    ++active;
  }
  return std::max(1u, active);
}

}  // namespace polystep
