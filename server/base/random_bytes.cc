#include "server/base/random_bytes.h"

#include <openssl/rand.h>

#include "server/base/check.h"

namespace polystep {

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  Check(RAND_bytes(out, static_cast<int>(count)) == 1, "no entropy for random bytes");
  return bytes;
}

}  // namespace polystep
