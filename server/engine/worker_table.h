// What a study has measured of the workers that serve it: their speed and who is about. Bounded:
// the one unseen for longest is forgotten first. Not thread-safe: belongs to its study's strand.
#ifndef POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_
#define POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_

#include <cstdint>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/engine/lease_sizing.h"
#include "server/engine/recent_median.h"

namespace polystep {

class WorkerTable {
 public:
  struct Worker {
    std::string name;
    bool active = true;  // in active_, else in away_
    absl::Duration last_seen;
    absl::Duration last_tell;       // of accepted answers; work before it is measured already
    absl::Duration per_evaluation;  // exponential average; zero: unknown
    uint32_t largest_finished = 0;
    double answered = 0.0, succeeded = 0.0;  // evaluations of late
    absl::Duration last_success = -absl::InfiniteDuration();
    double doubt = 1.0;    // how likely others would have failed as often in a row
    absl::Duration pause;  // the last one; zero: since the last success
    absl::Duration paused_until = -absl::InfiniteDuration();
  };

  explicit WorkerTable(size_t limit) : limit_(limit) {}

  // The worker, seen now; made if it is new. Valid until the next call.
  Worker& See(const std::string& name, absl::Duration now);

  // `count` answers arrived of a lease granted at `granted`.
  void Measure(const std::string& name, absl::Duration granted, uint32_t count, absl::Duration now);

  // The worker finished a lease of `count` that was granted at `granted`.
  void Finish(const std::string& name, absl::Duration granted, uint32_t count, absl::Duration now);

  // Answers arrived of a lease granted at `granted`; called before Measure. A worker that fails in
  // a row what others do not, in less than a second each or than others need, is paused: for a
  // second, then twice as long each time to a minute, until it succeeds once.
  struct Outcome {
    absl::Duration granted;
    uint32_t succeeded = 0, failed = 0;
  };
  void Judge(const std::string& name, const Outcome& outcome, absl::Duration now);

  // How long the worker is to wait for its next lease; zero without others who are at work.
  absl::Duration PauseLeft(const std::string& name, absl::Duration now);

  // Medians of the latest measurements of all workers: stragglers do not move them.
  TypicalTimes typical() const { return {evaluations_.value(), leases_.value()}; }
  // Known to take so much longer than others that a backup by it would come too late.
  bool IsSlow(const Worker& worker) const;

  // Workers seen in the last minute; at least one.
  uint32_t Active(absl::Duration now);

  size_t size() const { return by_name_.size(); }

 private:
  bool OthersSucceed(const Worker& worker, absl::Duration now) const;
  void Count(Worker& worker, double succeeded, double answered);

  using Workers = std::list<Worker>;  // the last seen first

  size_t limit_;
  Workers active_, away_;  // seen in the last minute when that was last looked at; or not
  absl::flat_hash_map<std::string, Workers::iterator> by_name_;
  RecentMedian evaluations_, leases_;
  double answered_ = 0.0, succeeded_ = 0.0;  // sums over all workers
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_
