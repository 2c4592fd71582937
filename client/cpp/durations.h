// Durations to and from their message.
#ifndef POLYSTEP_CLIENT_CPP_DURATIONS_H_
#define POLYSTEP_CLIENT_CPP_DURATIONS_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace polystep::client {

inline void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  proto->set_seconds(absl::ToInt64Seconds(duration));
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(duration - absl::Seconds(absl::ToInt64Seconds(duration)))));
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_DURATIONS_H_
