// The retry rules: what is retried, how long it waits, when it gives up.
#include "client/cpp/retry.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_transport.h"

namespace polystep::client {
namespace {

absl::Status WithRetryDelay(absl::Status status, int seconds) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo",
                    absl::Cord(info.SerializeAsString()));
  return status;
}

// Time that passes only by waiting.
struct FakeTime {
  absl::Duration now = absl::ZeroDuration();
  std::vector<absl::Duration> waits;
  double chance = 0.0;

  RetryOptions Options() {
    RetryOptions options;
    options.initial_delay = absl::Milliseconds(100);
    options.max_delay = absl::Seconds(1);
    options.total = absl::Seconds(10);
    options.monotonic_now = [this] { return now; };
    options.wait = [this](absl::Duration delay, std::stop_token stop) {
      waits.push_back(delay);
      now += delay;
      return !stop.stop_requested();
    };
    options.uniform = [this] { return chance; };
    return options;
  }
};

TEST(IsRetryable, Table) {
  struct Case {
    absl::Status status;
    bool unary, worker, ask;
  };
  const Case cases[] = {{absl::UnavailableError(""), true, true, true},
                        {absl::DeadlineExceededError(""), false, true, true},
                        {absl::ResourceExhaustedError(""), false, false, false},
                        {WithRetryDelay(absl::ResourceExhaustedError(""), 1), false, false, true},
                        {absl::InvalidArgumentError(""), false, false, false},
                        {absl::FailedPreconditionError(""), false, false, false},
                        {absl::InternalError(""), false, false, false},
                        {absl::CancelledError(""), true, true, true}};
  for (const Case& test : cases) {
    EXPECT_EQ(IsRetryable(test.status, Retryable::kUnavailable), test.unary) << test.status;
    EXPECT_EQ(IsRetryable(test.status, Retryable::kAlsoDeadline), test.worker) << test.status;
    EXPECT_EQ(IsRetryable(test.status, Retryable::kAlsoExhausted), test.ask) << test.status;
  }
}

TEST(RunWithRetries, Outage_BacksOffUntilTheServerIsBack) {
  FakeTime time;
  int attempts = 0;
  absl::Status status = RunWithRetries(time.Options(), {}, Retryable::kUnavailable, [&] {
    return ++attempts < 6 ? absl::UnavailableError("away") : absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  std::vector<absl::Duration> expected;
  for (int ms : {100, 200, 400, 800, 1000}) expected.push_back(absl::Milliseconds(ms));
  EXPECT_EQ(time.waits, expected);
}

TEST(RunWithRetries, Jitter_ShortensWaits) {
  FakeTime time;
  time.chance = 1.0;
  int attempts = 0;
  RunWithRetries(time.Options(), {}, Retryable::kUnavailable, [&] {
    return ++attempts < 2 ? absl::UnavailableError("") : absl::OkStatus();
  }).IgnoreError();
  EXPECT_EQ(time.waits, std::vector<absl::Duration>{absl::Milliseconds(50)});
}

TEST(RunWithRetries, RetryInfo_IsNotUndercut) {
  FakeTime time;
  int attempts = 0;
  RunWithRetries(time.Options(), {}, Retryable::kUnavailable, [&] {
    return ++attempts < 2 ? WithRetryDelay(absl::UnavailableError(""), 3) : absl::OkStatus();
  }).IgnoreError();
  EXPECT_EQ(time.waits, std::vector<absl::Duration>{absl::Seconds(3)});
}

TEST(RunWithRetries, TotalTime_BoundsTheWaiting) {
  FakeTime time;
  absl::Status status = RunWithRetries(time.Options(), {}, Retryable::kUnavailable,
                                       [&] { return absl::UnavailableError("away"); });
  EXPECT_EQ(status.message(), "away");
  EXPECT_LE(time.now, absl::Seconds(10));
  EXPECT_GT(time.now, absl::Seconds(8));

  FakeTime shorter;
  RunWithRetries(shorter.Options(), {.retry_for = absl::Seconds(1)}, Retryable::kUnavailable, [&] {
    return absl::UnavailableError("away");
  }).IgnoreError();
  EXPECT_LE(shorter.now, absl::Seconds(1));
}

TEST(RunWithRetries, OtherErrors_AreReturnedAtOnce) {
  FakeTime time;
  int attempts = 0;
  absl::Status status = RunWithRetries(time.Options(), {}, Retryable::kAlsoExhausted, [&] {
    ++attempts;
    return absl::NotFoundError("no such study");
  });
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(status.message(), "no such study");
}

TEST(RunWithRetries, CancelledByTheServer_IsAnOutage_ByUs_IsTheEnd) {
  FakeTime time;
  std::stop_source stop;
  int attempts = 0;
  auto attempt = [&] {
    if (++attempts == 3) stop.request_stop();
    return absl::CancelledError("the server went away, or we did");
  };
  absl::Status status =
      RunWithRetries(time.Options(), {.stop = stop.get_token()}, Retryable::kUnavailable, attempt);
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(time.waits.size(), 2u);
}

TEST(RunWithRetries, Stop_EndsTheWaiting) {
  FakeTime time;
  std::stop_source stop;
  stop.request_stop();
  absl::Status status =
      RunWithRetries(time.Options(), {.stop = stop.get_token()}, Retryable::kUnavailable,
                     [&] { return absl::UnavailableError("away"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST(RetryingTransport, EveryCall_IsRetriedByItsRule) {
  auto fake = std::make_shared<FakeTransport>();
  fake->SetFault([](const std::string&, int call) {
    return call == 1 ? absl::UnavailableError("restarting") : absl::OkStatus();
  });
  fake->AddLease(0, 0, 1);
  FakeTime time;
  std::shared_ptr<Transport> transport = MakeRetryingTransport(fake, time.Options());
  EXPECT_TRUE(transport->CreateStudy({}, {}).ok());
  EXPECT_TRUE(transport->GetStudy({}, {}).ok());
  EXPECT_TRUE(transport->UpdateStudy({}, {}).ok());
  EXPECT_TRUE(transport->DeleteStudy({}, {}).ok());
  EXPECT_TRUE(transport->PauseStudy({}, {}).ok());
  EXPECT_TRUE(transport->ResumeStudy({}, {}).ok());
  EXPECT_TRUE(transport->StopStudy({}, {}).ok());
  EXPECT_TRUE(transport->ListStudies({}, {}).ok());
  EXPECT_TRUE(transport->ListSteps({}, {}).ok());
  EXPECT_TRUE(transport->GetSolution({}, {}, [](const v1::SolutionChunk&) { return true; }).ok());
  EXPECT_TRUE(transport->Ask({}, {}).ok());
  EXPECT_TRUE(transport->Tell({}, {}).ok());
  EXPECT_TRUE(transport->Renew({}, {}).ok());
  EXPECT_TRUE(transport->Release({}, {}).ok());
  EXPECT_TRUE(transport->GetServerInfo({}).ok());
  for (const auto& [method, calls] : fake->calls) EXPECT_EQ(calls, 2) << method;
}

TEST(RetryingTransport, Deadline_IsRetriedForWorkersOnly) {
  auto fake = std::make_shared<FakeTransport>();
  fake->SetFault([](const std::string&, int call) {
    return call == 1 ? absl::DeadlineExceededError("slow") : absl::OkStatus();
  });
  FakeTime time;
  std::shared_ptr<Transport> transport = MakeRetryingTransport(fake, time.Options());
  EXPECT_TRUE(transport->Tell({}, {}).ok());
  EXPECT_TRUE(transport->Renew({}, {}).ok());
  EXPECT_TRUE(transport->Release({}, {}).ok());
  EXPECT_FALSE(transport->CreateStudy({}, {}).ok());
}

}  // namespace
}  // namespace polystep::client
