// HMAC-SHA256, for tokens that clients hand back and must not be able to make.
#ifndef POLYSTEP_SERVER_BASE_HMAC_H_
#define POLYSTEP_SERVER_BASE_HMAC_H_

#include <string>
#include <string_view>

namespace polystep {

// 32 raw bytes.
std::string HmacSha256(std::string_view key, std::string_view message);

// Compares in a time that depends on the lengths only.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_HMAC_H_
