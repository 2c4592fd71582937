// The one study that a folder of `polystep minimize` holds. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_MINIMIZE_STUDY_H_
#define POLYSTEP_CLIENT_CLI_MINIMIZE_STUDY_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/client.h"

namespace polystep::cli {

inline constexpr char kMinimizeStudy[] = "minimize";

// Creates the study, or opens the one that is there: its stop criteria become those of `spec`, and
// it goes on if it was paused, stopped, or ended by criteria that have changed.
// FAILED_PRECONDITION, naming `data`, if it was created from another spec.
absl::StatusOr<v1::Study> OpenMinimizeStudy(const client::Client& client, const v1::StudySpec& spec,
                                            const std::string& data);

bool HasStopCriterion(const v1::StudySpec& spec);

// 16 hex digits over everything in the spec but its stop criteria.
std::string SpecFingerprint(const v1::StudySpec& spec);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_MINIMIZE_STUDY_H_
