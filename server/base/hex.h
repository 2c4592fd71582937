// Lower-case hexadecimal.
#ifndef POLYSTEP_SERVER_BASE_HEX_H_
#define POLYSTEP_SERVER_BASE_HEX_H_

#include <optional>
#include <string>
#include <string_view>

namespace polystep {

std::string HexEncode(std::string_view bytes);

// Digits of either case; nothing if the length is odd or another character occurs.
std::optional<std::string> HexDecode(std::string_view digits);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_HEX_H_
