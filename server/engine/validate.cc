#include "server/engine/validate.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/limits.h"

namespace polystep {
namespace {

bool IsLowerAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

absl::Status ValidateCount(std::string_view field, int64_t value, int64_t limit) {
  if (value >= 1 && value <= limit) return absl::OkStatus();
  return FieldError(field, absl::StrCat("is ", value, ", must be in [1, ", limit, "]"));
}

absl::Status ValidatePositive(std::string_view field, absl::Duration value) {
  if (value > absl::ZeroDuration()) return absl::OkStatus();
  return FieldError(field, absl::StrCat("is ", absl::FormatDuration(value), ", must be above 0"));
}

}  // namespace

absl::Status ValidateStudyId(std::string_view field, std::string_view id) {
  bool ok = !id.empty() && id.size() <= limits::kStudyId && IsLowerAlphanumeric(id.front()) &&
            IsLowerAlphanumeric(id.back());
  for (char c : id) ok = ok && (IsLowerAlphanumeric(c) || c == '-');
  if (ok) return absl::OkStatus();
  return FieldError(field, absl::StrCat("must be 1 to ", limits::kStudyId,
                                        " characters a-z, 0-9 and '-', no '-' at either end"));
}

absl::Status ValidateText(std::string_view field, std::string_view text, size_t limit) {
  if (text.size() <= limit) return absl::OkStatus();
  return FieldError(field, absl::StrCat("has ", text.size(), " bytes, the limit is ", limit));
}

absl::Status ValidateLabels(const std::map<std::string, std::string>& labels) {
  if (labels.size() > limits::kLabels) {
    return FieldError(
        "labels", absl::StrCat("has ", labels.size(), " entries, the limit is ", limits::kLabels));
  }
  for (const auto& [key, value] : labels) {
    if (key.empty()) return FieldError("labels", "has an empty key");
    absl::Status status = ValidateText("labels", key, limits::kLabelKey);
    if (status.ok())
      status = ValidateText(absl::StrCat("labels[", key, "]"), value, limits::kLabelValue);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ValidateAsk(const AskParams& params) {
  absl::Status status = ValidateText("worker", params.worker, limits::kWorker);
  if (status.ok()) status = ValidateText("request_id", params.request_id, limits::kRequestId);
  if (status.ok()) status = ValidateLabels(params.labels);
  if (status.ok() && params.known_center_id) {
    status = ValidateText("known_center_id", *params.known_center_id, kCenterIdSize);
  }
  if (!status.ok() || !params.lease_ttl) return status;
  const absl::Duration ttl = *params.lease_ttl;
  if (ttl >= limits::kMinLeaseTtl && ttl <= limits::kMaxLeaseTtl) return absl::OkStatus();
  return FieldError("lease_ttl", absl::StrCat("is ", absl::FormatDuration(ttl), ", must be in [",
                                              absl::FormatDuration(limits::kMinLeaseTtl), ", ",
                                              absl::FormatDuration(limits::kMaxLeaseTtl), "]"));
}

absl::Status ValidateLeasePolicy(const LeasePolicy& policy) {
  if (policy.ttl < limits::kMinLeaseTtl || policy.ttl > limits::kMaxLeaseTtl) {
    return FieldError("evaluation.lease_ttl",
                      absl::StrCat("is ", absl::FormatDuration(policy.ttl), ", must be in [",
                                   absl::FormatDuration(limits::kMinLeaseTtl), ", ",
                                   absl::FormatDuration(limits::kMaxLeaseTtl), "]"));
  }
  absl::Status status = ValidatePositive("evaluation.max_attempt_time", policy.max_attempt_time);
  if (status.ok()) {
    status = ValidateCount("evaluation.max_attempts", policy.max_attempts, limits::kMaxAttempts);
  }
  if (status.ok()) status = ValidateCount("evaluation.max_lost", policy.max_lost, limits::kMaxLost);
  if (!status.ok()) return status;
  if (!(policy.max_failed_fraction > 0.0 && policy.max_failed_fraction <= 1.0)) {
    return FieldError("evaluation.max_failed_fraction",
                      absl::StrCat("is ", policy.max_failed_fraction, ", must be in (0, 1]"));
  }
  return absl::OkStatus();
}

absl::Status ValidateInitialPoints(const std::vector<InitialPoint>& points) {
  for (size_t i = 0; i < points.size(); ++i) {
    uint64_t values = 0;
    for (const std::vector<float>& tensor : points[i].point.tensors) values += tensor.size();
    if (points[i].loss || values <= limits::kCandidateValues) continue;
    return FieldError(absl::StrCat("initial_points[", i, "].loss"),
                      absl::StrCat("is required: a point of ", values,
                                   " tensor values cannot be evaluated, as a candidate is sent "
                                   "whole up to ",
                                   limits::kCandidateValues));
  }
  return absl::OkStatus();
}

absl::Status ValidateStopCriteria(const StopCriteria& stop) {
  absl::Status status;
  if (stop.max_steps) status = ValidateCount("stop.max_steps", *stop.max_steps, limits::kMaxSteps);
  if (status.ok() && stop.max_evaluations) {
    status = ValidateCount("stop.max_evaluations", *stop.max_evaluations, int64_t{1} << 53);
  }
  if (status.ok() && stop.max_time) status = ValidatePositive("stop.max_time", *stop.max_time);
  if (status.ok() && stop.patience_steps) {
    status = ValidateCount("stop.patience_steps", *stop.patience_steps, limits::kMaxSteps);
  }
  if (!status.ok()) return status;
  if (stop.target_loss && !std::isfinite(*stop.target_loss)) {
    return FieldError("stop.target_loss", "must be finite");
  }
  return absl::OkStatus();
}

}  // namespace polystep
