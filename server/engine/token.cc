#include "server/engine/token.h"

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "server/engine/status.h"

namespace polystep {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kMacBytes = 32;
constexpr size_t kDigestBytes = 32;

}  // namespace

std::string TokenSigner::Mac(std::string_view uid, std::string_view plain) const {
  ByteWriter message;
  message.Text("polystep lease token");
  message.Text(uid);
  message.Text(plain);
  return secret_.Sign(message.bytes());
}

std::string TokenSigner::Sign(std::string_view uid, const TokenFields& fields) const {
  ByteWriter plain;
  plain.U8(kVersion);
  plain.I64(fields.step);
  plain.U32(fields.first);
  plain.U32(fields.count);
  plain.U64(fields.lease_id);
  return absl::StrCat(plain.bytes(), fields.digest,
                      Mac(uid, absl::StrCat(plain.bytes(), fields.digest)));
}

absl::StatusOr<TokenFields> TokenSigner::Verify(std::string_view uid,
                                                std::string_view token) const {
  absl::Status forged = WithReason(
      absl::PermissionDeniedError("token: not a lease token of this study"), reason::kTokenForged);
  if (token.size() < kMacBytes + kDigestBytes) return forged;
  std::string_view plain = token.substr(0, token.size() - kMacBytes);
  if (!ConstantTimeEqual(token.substr(plain.size()), Mac(uid, plain))) return forged;
  ByteReader reader(plain.substr(0, plain.size() - kDigestBytes));
  uint8_t version = reader.U8();
  TokenFields fields;
  fields.step = reader.I64();
  fields.first = reader.U32();
  fields.count = reader.U32();
  fields.lease_id = reader.U64();
  fields.digest = std::string(plain.substr(plain.size() - kDigestBytes));
  if (version != kVersion || !reader.AtEnd()) return forged;
  return fields;
}

}  // namespace polystep
