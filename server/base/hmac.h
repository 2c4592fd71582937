// HMAC-SHA256, for tokens that clients hand back and must not be able to make.
#ifndef POLYSTEP_SERVER_BASE_HMAC_H_
#define POLYSTEP_SERVER_BASE_HMAC_H_

#include <string>
#include <string_view>

#include "server/base/sha256.h"

namespace polystep {

// A key, hashed once for all messages. Immutable, thread-safe.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);

  // 32 raw bytes.
  std::string Sign(std::string_view message) const;

 private:
  Sha256Hasher inner_, outer_;  // after the key
};

// Compares in a time that depends on the lengths only.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_HMAC_H_
