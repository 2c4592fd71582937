// What an error of the API says beyond its code and message: google.rpc details, kept as payloads
// of the status under their type URLs. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CPP_STATUS_DETAILS_H_
#define POLYSTEP_CLIENT_CPP_STATUS_DETAILS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "polystep/v1/study.pb.h"

namespace polystep::client {

// ErrorInfo.reason, e.g. "LEASE_FENCED"; empty if there is none.
std::string ErrorReason(const absl::Status& status);

// RetryInfo.retry_delay.
std::optional<absl::Duration> RetryDelay(const absl::Status& status);

struct WrongField {
  std::string field;
  std::string description;
};

// BadRequest.field_violations.
std::vector<WrongField> WrongFields(const absl::Status& status);

// The message, the fields it does not name yet and the reason, for people.
std::string ErrorText(const absl::Status& status);

// FAILED_PRECONDITION with the server's reason of a study that is FAILED, as one of a data folder
// of another build may be: it gives no evaluations any more. Else OK.
absl::Status StudyFailure(const v1::Study& study);

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_STATUS_DETAILS_H_
