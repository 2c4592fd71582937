#include "client/cpp/status_details.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace polystep::client {
namespace {

template <class Detail>
std::optional<Detail> Find(const absl::Status& status) {
  std::string url = absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
  absl::optional<absl::Cord> payload = status.GetPayload(url);
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

std::string ErrorReason(const absl::Status& status) {
  std::optional<google::rpc::ErrorInfo> info = Find<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  std::optional<google::rpc::RetryInfo> info = Find<google::rpc::RetryInfo>(status);
  if (!info) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

std::vector<WrongField> WrongFields(const absl::Status& status) {
  std::vector<WrongField> fields;
  if (std::optional<google::rpc::BadRequest> bad = Find<google::rpc::BadRequest>(status)) {
    for (const google::rpc::BadRequest::FieldViolation& violation : bad->field_violations()) {
      fields.push_back({violation.field(), violation.description()});
    }
  }
  return fields;
}

std::string ErrorText(const absl::Status& status) {
  std::string text(status.message());
  for (const WrongField& wrong : WrongFields(status)) {
    if (!absl::StrContains(text, wrong.field)) {
      absl::StrAppend(&text, "; ", wrong.field, ": ", wrong.description);
    }
  }
  if (text.empty()) text = absl::StatusCodeToString(status.code());
  if (std::string reason = ErrorReason(status); !reason.empty()) {
    absl::StrAppend(&text, " (", absl::StatusCodeToString(status.code()), ", ", reason, ")");
  } else {
    absl::StrAppend(&text, " (", absl::StatusCodeToString(status.code()), ")");
  }
  return text;
}

absl::Status StudyFailure(const v1::Study& study) {
  if (study.state() != v1::Study::FAILED) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(study.name(), " is FAILED: ", study.state_reason()));
}

}  // namespace polystep::client
