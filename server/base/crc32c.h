// CRC-32C (Castagnoli), against bits that rot in a record at rest.
#ifndef POLYSTEP_SERVER_BASE_CRC32C_H_
#define POLYSTEP_SERVER_BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace polystep {

uint32_t Crc32c(std::string_view bytes);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_CRC32C_H_
