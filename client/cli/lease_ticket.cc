#include "client/cli/lease_ticket.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "polystep/v1/evaluation_service.pb.h"

namespace polystep::cli {
namespace {

// A ticket is a TellRequest that lacks only its loss.
std::optional<LeaseTicket> FromBytes(const std::string& bytes, const std::string& study) {
  v1::TellRequest request;
  if (!request.ParseFromString(bytes) || request.study() != study || request.slices_size() != 1 ||
      request.token().empty()) {
    return std::nullopt;
  }
  return LeaseTicket{request.study(), request.token(), request.step(),
                     request.slices(0).first_index()};
}

std::optional<std::string> FromHex(const std::string& text) {
  bool hex = text.size() % 2 == 0 && !text.empty() &&
             std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
  if (!hex) return std::nullopt;
  return absl::HexStringToBytes(text);
}

}  // namespace

std::string FormatTicket(const LeaseTicket& ticket) {
  v1::TellRequest request;
  request.set_study(ticket.study);
  request.set_token(ticket.token);
  request.set_step(ticket.step);
  request.add_slices()->set_first_index(ticket.index);
  return absl::Base64Escape(request.SerializeAsString());
}

absl::StatusOr<LeaseTicket> ParseTicket(const std::string& text, const std::string& study,
                                        std::optional<int64_t> step, std::optional<int64_t> index) {
  std::string base64;
  bool is_base64 =
      absl::Base64Unescape(text, &base64) || absl::WebSafeBase64Unescape(text, &base64);
  std::optional<std::string> hex = FromHex(text);
  if (is_base64) {
    if (std::optional<LeaseTicket> ticket = FromBytes(base64, study)) return *ticket;
  }
  if (hex) {
    if (std::optional<LeaseTicket> ticket = FromBytes(*hex, study)) return *ticket;
  }
  if (!is_base64 && !hex) {
    return absl::InvalidArgumentError("--token: neither base64 nor hex");
  }
  if (!step || !index) {
    return absl::InvalidArgumentError(
        absl::StrCat("--token: not what `polystep ask` printed for ", study,
                     "; a token from elsewhere needs --step and --index too"));
  }
  if (*index < 0 || *index > std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat("--index: ", *index, " is not in [0, 2^32)"));
  }
  return LeaseTicket{study, hex ? *hex : base64, *step, static_cast<uint32_t>(*index)};
}

}  // namespace polystep::cli
