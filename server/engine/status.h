// What an error carries beyond its code: a reason that programs compare, and how long to wait.
//
// Kept as payloads of absl::Status, so that the engine needs no wire types; the rpc edge turns them
// into ErrorInfo and RetryInfo. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_STATUS_H_
#define POLYSTEP_SERVER_ENGINE_STATUS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace polystep {

namespace reason {
inline constexpr char kLeaseFenced[] = "LEASE_FENCED";
inline constexpr char kRevisionUnknown[] = "REVISION_UNKNOWN";
inline constexpr char kTokenForged[] = "TOKEN_FORGED";
inline constexpr char kDraining[] = "DRAINING";
inline constexpr char kTooManyWaiters[] = "TOO_MANY_WAITERS";
inline constexpr char kTooManyStudies[] = "TOO_MANY_STUDIES";
inline constexpr char kTooManyUploads[] = "TOO_MANY_UPLOADS";
inline constexpr char kTooManyLeases[] = "TOO_MANY_LEASES";
inline constexpr char kQueueFull[] = "QUEUE_FULL";
inline constexpr char kStudyNotFound[] = "STUDY_NOT_FOUND";
inline constexpr char kStudyExists[] = "STUDY_EXISTS";
inline constexpr char kStudyState[] = "STUDY_STATE";
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";
}  // namespace reason

absl::Status WithReason(absl::Status status, const char* reason);
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

std::optional<std::string> GetReason(const absl::Status& status);
std::optional<absl::Duration> GetRetryDelay(const absl::Status& status);

// NOT_FOUND with the one text that unknown and invisible studies share.
absl::Status StudyNotFound(const std::string& id);
// UNAVAILABLE: the server is about to stop.
absl::Status Draining();

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STATUS_H_
