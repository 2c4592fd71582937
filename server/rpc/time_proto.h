// google.protobuf.Duration and Timestamp <-> absl. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_TIME_PROTO_H_
#define POLYSTEP_SERVER_RPC_TIME_PROTO_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace polystep {

// INVALID_ARGUMENT naming `field` where the duration is negative or breaks the rules of its type
// (nanos below 10^9, seconds within 10,000 years).
absl::StatusOr<absl::Duration> DurationFromProto(std::string_view field,
                                                 const google::protobuf::Duration& proto);

google::protobuf::Duration DurationToProto(absl::Duration duration);  // infinite: the longest one
google::protobuf::Timestamp TimeToProto(absl::Time time);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_TIME_PROTO_H_
