// SHA-256 by OpenSSL. Results are 32 raw bytes; hex.h makes them readable.
#ifndef POLYSTEP_SERVER_BASE_SHA256_H_
#define POLYSTEP_SERVER_BASE_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

namespace polystep {

std::string Sha256(std::string_view bytes);

// The digest of the concatenation of what was given to Update. A copy goes on from the same bytes.
// Not thread-safe.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(const Sha256Hasher& other);
  Sha256Hasher& operator=(const Sha256Hasher& other);
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(std::string_view bytes);
  // 32 bytes; afterwards the hasher is as new.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace polystep

#endif  // POLYSTEP_SERVER_BASE_SHA256_H_
