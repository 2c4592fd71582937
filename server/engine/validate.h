// Checks of what a caller names or asks for, before anything acts on it. Every error is
// INVALID_ARGUMENT with its field path. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_VALIDATE_H_
#define POLYSTEP_SERVER_ENGINE_VALIDATE_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/engine/engine.h"
#include "server/engine/study_spec.h"

namespace polystep {

// [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
absl::Status ValidateStudyId(std::string_view field, std::string_view id);
absl::Status ValidateText(std::string_view field, std::string_view text, size_t limit);
absl::Status ValidateLabels(const std::map<std::string, std::string>& labels);

// What can be said of an ask without its study.
absl::Status ValidateAsk(const AskParams& params);

// Fields are named as below the study spec: "evaluation.max_attempts", "stop.max_steps".
absl::Status ValidateLeasePolicy(const LeasePolicy& policy);
absl::Status ValidateStopCriteria(const StopCriteria& stop);
// Points that have to be evaluated are sent whole, as NAMED or DENSE.
absl::Status ValidateInitialPoints(const std::vector<InitialPoint>& points);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_VALIDATE_H_
