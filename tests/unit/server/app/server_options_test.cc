#include "server/app/server_options.h"

#include <gmock/gmock.h>

#include "server/app/listen_address.h"

namespace polystep {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddress, HostAndPort_AreTakenApart) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress("[::1]:8080");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->host, "[::1]");
  EXPECT_EQ(address->port, 8080);
  for (const char* bad : {"", ":1", "host", "host:", "host:x", "host:-1", "host:65536", "::1:5",
                          "unix:/tmp/x", "a:b:1"}) {
    EXPECT_FALSE(ParseListenAddress(bad).ok()) << bad;
  }
}

TEST(ListenAddress, Loopback_IsWhatNoOtherMachineReaches) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "localhost", "[::1]"}) {
    EXPECT_TRUE(IsLoopback({host, 1})) << host;
  }
  for (const char* host : {"0.0.0.0", "[::]", "10.0.0.1", "example.org", "127.0.0.1.example.org"}) {
    EXPECT_FALSE(IsLoopback({host, 1})) << host;
  }
}

TEST(ServerOptions, OtherThanLoopback_NeedsInsecure) {
  ServerOptions options;
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.listen = "0.0.0.0:1";
  EXPECT_THAT(std::string(ValidateOptions(options).message()), HasSubstr("--insecure"));
  options.insecure = true;
  EXPECT_TRUE(ValidateOptions(options).ok());
}

TEST(ServerOptions, Ranges_AreCheckedAtTheirEnds) {
  ServerOptions options;
  options.max_studies = 0;
  EXPECT_THAT(std::string(ValidateOptions(options).message()), HasSubstr("--max-studies: 0"));
  options.max_studies = 1;
  EXPECT_TRUE(ValidateOptions(options).ok());
  options.threads = 1025;
  EXPECT_THAT(std::string(ValidateOptions(options).message()), HasSubstr("--threads: 1025"));
  options.threads = 1024;
  options.drain_seconds = 3601;
  EXPECT_THAT(std::string(ValidateOptions(options).message()), HasSubstr("--drain-seconds"));
  options.drain_seconds = 0;
  options.data = "";
  EXPECT_THAT(std::string(ValidateOptions(options).message()), HasSubstr("--data"));
}

}  // namespace
}  // namespace polystep
