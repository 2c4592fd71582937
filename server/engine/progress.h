// What a study has counted. Progress follows from the answers alone and is the same in every run;
// the soft counters tell what happened on the way and may lose their last minute in a crash.
// Values.
#ifndef POLYSTEP_SERVER_ENGINE_PROGRESS_H_
#define POLYSTEP_SERVER_ENGINE_PROGRESS_H_

#include <cstdint>

namespace polystep {

struct Progress {
  int64_t evaluations = 0;  // accepted losses and infeasible answers
  int64_t infeasible = 0;
  int64_t masked = 0;
  int64_t transient = 0;
  int64_t score = 0;
  int64_t reused = 0;
  // Since the circuit breaker was reset, older ones counted half.
  int64_t breaker_answers = 0;
  int64_t breaker_failed = 0;

  friend bool operator==(const Progress&, const Progress&) = default;
};

struct SoftCounters {
  int64_t lost = 0, duplicate = 0, stale = 0, conflicting = 0;

  friend bool operator==(const SoftCounters&, const SoftCounters&) = default;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_PROGRESS_H_
