// What a study has measured of the workers that serve it: their speed and who is about. Bounded:
// the one unseen for longest is forgotten first. Not thread-safe: belongs to its study's strand.
#ifndef POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_
#define POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_

#include <cstdint>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace polystep {

class WorkerTable {
 public:
  struct Worker {
    std::string name;
    absl::Duration last_seen;
    absl::Duration last_tell;       // of accepted answers; work before it is measured already
    absl::Duration per_evaluation;  // exponential average; zero: unknown
    uint32_t largest_finished = 0;
  };

  explicit WorkerTable(size_t limit) : limit_(limit) {}

  // The worker, seen now; made if it is new. Valid until the next call.
  Worker& See(const std::string& name, absl::Duration now);

  // `count` answers arrived of a lease granted at `granted`.
  void Measure(const std::string& name, absl::Duration granted, uint32_t count, absl::Duration now);

  // The worker finished a lease of `count`.
  void Finish(const std::string& name, uint32_t count, absl::Duration now);

  // Average over all workers; zero: nothing is known.
  absl::Duration typical_per_evaluation() const { return typical_; }

  // Workers seen in the last minute; at least one.
  uint32_t Active(absl::Duration now) const;

  size_t size() const { return workers_.size(); }

 private:
  using Workers = std::list<Worker>;  // the last seen first

  size_t limit_;
  Workers workers_;
  absl::flat_hash_map<std::string, Workers::iterator> by_name_;
  absl::Duration typical_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_WORKER_TABLE_H_
