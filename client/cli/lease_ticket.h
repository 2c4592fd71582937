// The token that `ask` prints and `tell` takes: the server's token together with the step and the
// index it is for, so that a person copies one word. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_LEASE_TICKET_H_
#define POLYSTEP_CLIENT_CLI_LEASE_TICKET_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace polystep::cli {

struct LeaseTicket {
  std::string study;  // studies/{study_id}
  std::string token;  // of the server
  int64_t step = 0;
  uint32_t index = 0;
};

std::string FormatTicket(const LeaseTicket& ticket);  // base64

// What FormatTicket printed (as base64 or hex), for `study`; or a token of the server as base64 or
// hex, with the step and index that came with it. INVALID_ARGUMENT otherwise.
absl::StatusOr<LeaseTicket> ParseTicket(const std::string& text, const std::string& study,
                                        std::optional<int64_t> step, std::optional<int64_t> index);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_LEASE_TICKET_H_
