#include "server/base/hmac.h"

#include <openssl/crypto.h>

namespace polystep {
namespace {

constexpr size_t kBlockBytes = 64;  // of SHA-256

void Begin(std::string key, char pad, Sha256Hasher& hasher) {
  for (char& byte : key) byte = static_cast<char>(byte ^ pad);
  hasher.Update(key);
}

}  // namespace

// RFC 2104.
HmacKey::HmacKey(std::string_view key) {
  std::string block = key.size() > kBlockBytes ? Sha256(key) : std::string(key);
  block.resize(kBlockBytes, '\0');
  Begin(block, 0x36, inner_);
  Begin(block, 0x5c, outer_);
}

std::string HmacKey::Sign(std::string_view message) const {
  Sha256Hasher inner = inner_, outer = outer_;
  inner.Update(message);
  outer.Update(inner.Finish());
  return outer.Finish();
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace polystep
