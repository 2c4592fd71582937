// A study as its owner specified it, as plain values. Converted from protos at the rpc edge.
#ifndef POLYSTEP_SERVER_ENGINE_STUDY_SPEC_H_
#define POLYSTEP_SERVER_ENGINE_STUDY_SPEC_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/search/search.h"

namespace polystep {

enum class Goal : uint8_t { kMinimize = 0, kMaximize = 1 };
enum class NonFinite : uint8_t { kInfeasible = 0, kMask = 1, kReject = 2 };

// Mutable: acts from the next step (leases: from the next lease).
struct LeasePolicy {
  absl::Duration ttl = absl::Seconds(60);
  absl::Duration max_attempt_time = absl::InfiniteDuration();  // per evaluation
  uint32_t max_attempts = 3;  // reported TRANSIENT failures mask an evaluation
  uint32_t max_lost = 10;     // lost leases of one evaluation pause the study
  bool backup_leases = true;
  double max_failed_fraction = 0.9;  // over at least 100 evaluations; above it: PAUSED
};

struct StopCriteria {
  std::optional<int64_t> max_steps;
  std::optional<int64_t> max_evaluations;
  std::optional<absl::Duration> max_time;  // of being ACTIVE since creation
  std::optional<double> target_loss;       // in the user's sign
  std::optional<int64_t> patience_steps;   // closed steps without a better incumbent
};

// `search` holds losses as minimised; everything else here is in the user's sign.
struct StudySpec {
  SearchSpec search;
  bool seed_given = false;  // false: the engine draws search.seed
  Goal goal = Goal::kMinimize;
  NonFinite non_finite = NonFinite::kInfeasible;
  LeasePolicy lease;
  StopCriteria stop;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STUDY_SPEC_H_
