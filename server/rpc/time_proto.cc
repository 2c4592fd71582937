#include "server/rpc/time_proto.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"

namespace polystep {
namespace {

constexpr int64_t kMaxSeconds = 315'576'000'000;  // 10,000 years, the limit of the proto type
constexpr int32_t kNanosPerSecond = 1'000'000'000;

}  // namespace

absl::StatusOr<absl::Duration> DurationFromProto(std::string_view field,
                                                 const google::protobuf::Duration& proto) {
  if (proto.seconds() < 0 || proto.nanos() < 0) {
    return FieldError(field, absl::StrCat("must not be negative, is ", proto.seconds(), " s and ",
                                          proto.nanos(), " ns"));
  }
  if (proto.seconds() > kMaxSeconds || proto.nanos() >= kNanosPerSecond) {
    return FieldError(field,
                      absl::StrCat("is no duration: ", proto.seconds(), " s (at most ", kMaxSeconds,
                                   ") and ", proto.nanos(), " ns (below 1000000000)"));
  }
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

google::protobuf::Duration DurationToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  duration = std::clamp(duration, -absl::Seconds(kMaxSeconds), absl::Seconds(kMaxSeconds));
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

google::protobuf::Timestamp TimeToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToUnixSeconds(time));
  absl::Duration rest = time - absl::FromUnixSeconds(proto.seconds());
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

}  // namespace polystep
