// Lease tokens: what a worker hands back to say which evaluations it answers.
//
// A token is its plain fields and an HMAC over them and the study's uid, so nobody can make one and
// one study's token is nothing to another. `digest` is that of the state which opened the step: a
// token whose digest is not the step's comes from another timeline (a restored backup, an import).
// Immutable, thread-safe.
#ifndef POLYSTEP_SERVER_ENGINE_TOKEN_H_
#define POLYSTEP_SERVER_ENGINE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/hmac.h"

namespace polystep {

struct TokenFields {
  int64_t step = 0;
  std::string digest;  // 32 bytes: d before the step
  uint32_t first = 0;
  uint32_t count = 0;
  uint64_t lease_id = 0;  // tells apart two leases of the same range

  friend bool operator==(const TokenFields&, const TokenFields&) = default;
};

class TokenSigner {
 public:
  explicit TokenSigner(std::string_view secret) : secret_(secret) {}

  std::string Sign(std::string_view uid, const TokenFields& fields) const;

  // PERMISSION_DENIED (TOKEN_FORGED) if this server never signed it for this study.
  absl::StatusOr<TokenFields> Verify(std::string_view uid, std::string_view token) const;

 private:
  std::string Mac(std::string_view uid, std::string_view plain) const;

  HmacKey secret_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_TOKEN_H_
