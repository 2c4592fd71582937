#include "server/app/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace polystep {

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  size_t colon = text.rfind(':');
  ListenAddress address;
  bool ok = colon != std::string::npos && colon > 0 &&
            absl::SimpleAtoi(text.substr(colon + 1), &address.port) && address.port >= 0 &&
            address.port <= 65535;
  if (ok) {
    address.host = text.substr(0, colon);
    bool bracketed = address.host.front() == '[' && address.host.back() == ']';
    ok = bracketed || address.host.find_first_of(":/[]") == std::string::npos;
  }
  if (ok) return address;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not HOST:PORT (IPv6 as [::1]:PORT; PORT 0 to 65535)"));
}

bool IsLoopback(const ListenAddress& address) {
  if (address.host == "localhost" || address.host == "[::1]") return true;
  in_addr parsed{};
  if (inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) return false;
  return (ntohl(parsed.s_addr) >> 24) == 127;
}

}  // namespace polystep
