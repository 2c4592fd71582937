#include "server/engine/token.h"

#include <gtest/gtest.h>

#include "server/engine/status.h"

namespace polystep {
namespace {

const TokenFields kFields{41, std::string(32, 'd'), 7, 12, 99};

TEST(TokenSigner, Verify_GivesTheFieldsBack) {
  TokenSigner signer("secret");
  absl::StatusOr<TokenFields> fields = signer.Verify("uid", signer.Sign("uid", kFields));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(*fields, kFields);
}

TEST(TokenSigner, Verify_AnyBitChanged_IsForged) {
  TokenSigner signer("secret");
  std::string token = signer.Sign("uid", kFields);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] ^= 1;
    absl::Status status = signer.Verify("uid", changed).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << "byte " << i;
    EXPECT_EQ(GetReason(status), reason::kTokenForged);
  }
}

TEST(TokenSigner, Verify_AnyLength_IsForged) {
  TokenSigner signer("secret");
  std::string token = signer.Sign("uid", kFields);
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(signer.Verify("uid", token.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(signer.Verify("uid", token + "x").ok());
}

TEST(TokenSigner, Verify_OtherStudyOrSecret_IsForged) {
  std::string token = TokenSigner("secret").Sign("uid", kFields);
  EXPECT_FALSE(TokenSigner("secret").Verify("uie", token).ok());
  EXPECT_FALSE(TokenSigner("secres").Verify("uid", token).ok());
}

}  // namespace
}  // namespace polystep
