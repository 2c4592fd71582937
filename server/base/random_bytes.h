// Secret-quality random bytes from OpenSSL, for uids, seeds the user did not give, and keys.
#ifndef POLYSTEP_SERVER_BASE_RANDOM_BYTES_H_
#define POLYSTEP_SERVER_BASE_RANDOM_BYTES_H_

#include <cstddef>
#include <string>

namespace polystep {

// Thread-safe. A machine without entropy stops the process: guessable keys are worse.
std::string RandomBytes(size_t count);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_RANDOM_BYTES_H_
