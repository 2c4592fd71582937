#include "server/rpc/study_update.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "google/protobuf/util/field_mask_util.h"
#include "server/rpc/spec_from_proto.h"
#include "server/rpc/spec_to_proto.h"

namespace polystep {
namespace {

constexpr char kStop[] = "spec.stop";
constexpr char kEvaluation[] = "spec.evaluation.";
constexpr const char* kPolicyFields[] = {"lease_ttl", "max_attempt_time", "max_attempts",
                                         "max_lost",  "backup_leases",    "max_failed_fraction"};
constexpr const char* kStopFields[] = {"max_steps", "max_evaluations", "max_time", "target_loss",
                                       "patience_steps"};

// The field `name` of `to` becomes that of `from`, set or not.
void CopyField(const std::string& name, const google::protobuf::Message& from,
               google::protobuf::Message& to) {
  to.GetReflection()->ClearField(&to, to.GetDescriptor()->FindFieldByName(name));
  google::protobuf::FieldMask mask;
  mask.add_paths(name);
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(from, mask, {}, &to);
}

bool HasField(const std::string& name, const google::protobuf::Message& message) {
  return message.GetReflection()->HasField(message, message.GetDescriptor()->FindFieldByName(name));
}

std::vector<std::string> AllPaths() {
  std::vector<std::string> paths = {"labels", "display_name", kStop};
  for (const char* field : kPolicyFields) paths.push_back(absl::StrCat(kEvaluation, field));
  return paths;
}

std::vector<std::string> SetPaths(const v1::Study& study) {
  std::vector<std::string> paths;
  if (study.labels_size() > 0) paths.push_back("labels");
  if (!study.display_name().empty()) paths.push_back("display_name");
  for (const char* field : kStopFields) {
    if (HasField(field, study.spec().stop())) {
      paths.push_back(absl::StrCat(kStop, ".", field));
    }
  }
  for (const char* field : kPolicyFields) {
    if (HasField(field, study.spec().evaluation())) {
      paths.push_back(absl::StrCat(kEvaluation, field));
    }
  }
  return paths;
}

template <size_t N>
bool IsOneOf(const std::string& name, const char* const (&names)[N]) {
  for (const char* known : names) {
    if (known == name) return true;
  }
  return false;
}

// The messages a mask is applied to.
struct Merged {
  v1::StopCriteria stop;
  v1::EvaluationPolicy evaluation;
  bool stop_changed = false;
  bool evaluation_changed = false;
};

absl::Status ApplyPath(const std::string& path, const v1::Study& study, Merged& merged,
                       UpdateStudyParams& update) {
  // What follows `prefix` in the path, or nothing.
  auto below = [&path](const std::string& prefix) {
    return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string();
  };
  std::string stop_field = below(absl::StrCat(kStop, "."));
  std::string policy_field = below(kEvaluation);
  if (path == "labels") {
    update.labels.emplace(study.labels().begin(), study.labels().end());
  } else if (path == "display_name") {
    update.display_name = study.display_name();
  } else if (path == kStop) {
    merged.stop = study.spec().stop();
    merged.stop_changed = true;
  } else if (IsOneOf(stop_field, kStopFields)) {
    CopyField(stop_field, study.spec().stop(), merged.stop);
    merged.stop_changed = true;
  } else if (IsOneOf(policy_field, kPolicyFields)) {
    CopyField(policy_field, study.spec().evaluation(), merged.evaluation);
    merged.evaluation_changed = true;
  } else {
    return FieldError("update_mask",
                      absl::StrCat("\"", path, "\" is unknown or cannot be changed"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UpdateStudyParams> UpdateFromProto(const v1::UpdateStudyRequest& request,
                                                  const StudyView& current) {
  std::vector<std::string> paths(request.update_mask().paths().begin(),
                                 request.update_mask().paths().end());
  if (paths.empty()) {
    paths = SetPaths(request.study());
  } else if (paths.size() == 1 && paths.front() == "*") {
    paths = AllPaths();
  }
  UpdateStudyParams update;
  update.id = current.id;
  update.etag = request.study().etag();
  Merged merged{StopCriteriaToProto(current.spec.stop), EvaluationToProto(current.spec)};
  for (const std::string& path : paths) {
    absl::Status status = ApplyPath(path, request.study(), merged, update);
    if (!status.ok()) return status;
  }
  if (merged.stop_changed) {
    absl::StatusOr<StopCriteria> stop = StopCriteriaFromProto(merged.stop);
    if (!stop.ok()) return InStudy(stop.status());
    update.stop = *stop;
  }
  if (merged.evaluation_changed) {
    absl::StatusOr<LeasePolicy> lease = LeasePolicyFromProto(merged.evaluation);
    if (!lease.ok()) return InStudy(lease.status());
    update.lease = *lease;
  }
  return update;
}

absl::Status InStudy(absl::Status status) {
  std::optional<FieldViolation> violation = GetFieldViolation(status);
  if (!violation) return status;
  const std::string& field = violation->field;
  for (const char* own : {"study_id", "request_id", "update_mask"}) {
    if (field.starts_with(own)) return status;
  }
  bool of_study = field.starts_with("labels") || field.starts_with("display_name");
  return PrefixField(std::move(status), of_study ? "study." : "study.spec.");
}

}  // namespace polystep
