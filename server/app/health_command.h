// `polystepd health`: asks a server how it is, for containers that have no other tool.
#ifndef POLYSTEP_SERVER_APP_HEALTH_COMMAND_H_
#define POLYSTEP_SERVER_APP_HEALTH_COMMAND_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace polystep {

// OK if the server at HOST:PORT answers SERVING within `timeout`; else UNAVAILABLE, saying why.
absl::Status CheckHealth(const std::string& server, absl::Duration timeout);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_HEALTH_COMMAND_H_
