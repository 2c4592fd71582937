// Messages of the API as JSON for programs: camelCase names, defaults included, 64-bit integers as
// numbers below 2^53 (protobuf alone writes them as strings). Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_PROTO_JSON_H_
#define POLYSTEP_CLIENT_CLI_PROTO_JSON_H_

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace polystep::cli {

nlohmann::ordered_json ProtoJson(const google::protobuf::Message& message);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_PROTO_JSON_H_
