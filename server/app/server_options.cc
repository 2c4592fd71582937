#include "server/app/server_options.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/app/listen_address.h"

namespace polystep {
namespace {

absl::Status CheckRange(const char* flag, int value, int min, int max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", value, " is outside ", min, " to ", max));
}

}  // namespace

absl::Status ValidateOptions(const ServerOptions& options) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: ", std::string(address.status().message())));
  }
  if (!IsLoopback(*address) && !options.insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: ", options.listen,
                     " is reached from other machines, and this release has neither TLS nor "
                     "authentication; add --insecure if the network may be trusted"));
  }
  if (options.data.empty()) return absl::InvalidArgumentError("--data: must not be empty");
  absl::Status status = CheckRange("--threads", options.threads, 0, 1024);
  if (status.ok()) status = CheckRange("--max-studies", options.max_studies, 1, 1'000'000);
  if (status.ok()) status = CheckRange("--max-waiters", options.max_waiters, 1, 1'000'000);
  if (status.ok()) status = CheckRange("--drain-seconds", options.drain_seconds, 0, 3600);
  return status;
}

std::string DescribeOptions(const ServerOptions& options) {
  return absl::StrCat("listen=", options.listen, " data=", options.data,
                      " insecure=", options.insecure ? "true" : "false",
                      " threads=", options.threads, " max-studies=", options.max_studies,
                      " max-waiters=", options.max_waiters,
                      " drain-seconds=", options.drain_seconds, " log-level=", options.log_level,
                      " log-format=", options.log_format);
}

}  // namespace polystep
