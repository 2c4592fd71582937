#include "server/rpc/grpc_status.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/base/field_error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/engine/status.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

constexpr char kDomain[] = "polystep";
constexpr absl::Duration kDefaultRetryDelay = absl::Seconds(1);

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  std::optional<absl::Duration> delay = GetRetryDelay(status);
  if (delay) return delay;
  if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) return kDefaultRetryDelay;
  return std::nullopt;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(GetReason(status).value_or(absl::StatusCodeToString(status.code())));
  details.add_details()->PackFrom(info);
  if (std::optional<FieldViolation> violation = GetFieldViolation(status)) {
    google::rpc::BadRequest bad_request;
    auto& field = *bad_request.add_field_violations();
    field.set_field(violation->field);
    field.set_description(violation->description);
    details.add_details()->PackFrom(bad_request);
  }
  if (std::optional<absl::Duration> delay = RetryDelay(status)) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = DurationToProto(*delay);
    details.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                      details.SerializeAsString());
}

}  // namespace polystep
