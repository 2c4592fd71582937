// HOST:PORT as given to --listen. Pure functions.
#ifndef POLYSTEP_SERVER_APP_LISTEN_ADDRESS_H_
#define POLYSTEP_SERVER_APP_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"

namespace polystep {

struct ListenAddress {
  std::string host;  // a name or an address; IPv6 in brackets
  int port = 0;
};

// INVALID_ARGUMENT, with what was given, unless it is HOST:PORT with a port of 0 to 65535.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// 127.0.0.0/8, [::1] or localhost: no other machine reaches it.
bool IsLoopback(const ListenAddress& address);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_APP_LISTEN_ADDRESS_H_
