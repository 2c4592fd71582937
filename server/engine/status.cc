#include "server/engine/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

constexpr char kReasonUrl[] = "polystep/reason";
constexpr char kRetryUrl[] = "polystep/retry-delay-ms";

}  // namespace

absl::Status WithReason(absl::Status status, const char* reason) {
  status.SetPayload(kReasonUrl, absl::Cord(reason));
  return status;
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(delay))));
  return status;
}

std::optional<std::string> GetReason(const absl::Status& status) {
  auto payload = status.GetPayload(kReasonUrl);
  if (!payload) return std::nullopt;
  return std::string(*payload);
}

std::optional<absl::Duration> GetRetryDelay(const absl::Status& status) {
  auto payload = status.GetPayload(kRetryUrl);
  int64_t ms = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &ms)) return std::nullopt;
  return absl::Milliseconds(ms);
}

absl::Status StudyNotFound(const std::string& id) {
  return WithReason(absl::NotFoundError(absl::StrCat("study \"", id, "\" does not exist")),
                    reason::kStudyNotFound);
}

absl::Status Draining() {
  return WithRetryDelay(
      WithReason(absl::UnavailableError("the server is draining: ask again, it or its successor"),
                 reason::kDraining),
      absl::Seconds(1));
}

}  // namespace polystep
