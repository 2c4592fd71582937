#include "server/base/sha256.h"

#include <openssl/evp.h>

#include "server/base/check.h"

namespace polystep {
namespace {

constexpr size_t kDigestBytes = 32;

// Looked up once: OpenSSL would search its providers for EVP_sha256() each time.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

void Start(EVP_MD_CTX* context) {
  Check(EVP_DigestInit_ex(context, Sha256Method(), nullptr) == 1, "OpenSSL has no SHA-256");
}

}  // namespace

struct Sha256Hasher::Context {
  Context() : md(EVP_MD_CTX_new()) {
    Check(md != nullptr, "out of memory for SHA-256");
    Start(md);
  }
  Context(const Context& other) : md(EVP_MD_CTX_new()) {
    Check(md != nullptr && EVP_MD_CTX_copy_ex(md, other.md) == 1, "out of memory for SHA-256");
  }
  ~Context() { EVP_MD_CTX_free(md); }
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* const md;
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(const Sha256Hasher& other)
    : context_(std::make_unique<Context>(*other.context_)) {}
Sha256Hasher& Sha256Hasher::operator=(const Sha256Hasher& other) {
  context_ = std::make_unique<Context>(*other.context_);
  return *this;
}
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(std::string_view bytes) {
  Check(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()) == 1, "SHA-256 failed");
}

std::string Sha256Hasher::Finish() {
  std::string digest(kDigestBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(digest.data());
  Check(EVP_DigestFinal_ex(context_->md, out, nullptr) == 1, "SHA-256 failed");
  Start(context_->md);
  return digest;
}

std::string Sha256(std::string_view bytes) {
  Sha256Hasher hasher;
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace polystep
