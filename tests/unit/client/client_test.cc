// The value types over a scripted server: pages, streams that break, solutions in pieces.
#include "client/cpp/client.h"

#include <memory>

#include "absl/strings/cord.h"
#include "client/cpp/status_details.h"
#include "client/cpp/tell_encoding.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_transport.h"

namespace polystep::client {
namespace {

TEST(Client, ListStudies_GoesOverPages) {
  Client client(std::make_shared<FakeTransport>());
  EXPECT_EQ(client.ListStudies(100)->size(), 5u);
  EXPECT_EQ(client.ListStudies(3)->size(), 3u);
}

TEST(Study, Steps_GoOverPages) {
  Study study = Client(std::make_shared<FakeTransport>()).GetStudy("s");
  EXPECT_EQ(study.Steps(0, 100)->size(), 5u);
  EXPECT_EQ(study.Steps(3, 100)->at(0).step(), 3);
  EXPECT_EQ(study.Steps(0, 2)->size(), 2u);
}

v1::WatchStudyResponse Update(std::initializer_list<int64_t> steps) {
  v1::WatchStudyResponse update;
  for (int64_t step : steps) update.add_steps()->set_step(step);
  return update;
}

TEST(Study, Watch_BrokenStream_GoesOnWhereItWas) {
  auto fake = std::make_shared<FakeTransport>();
  fake->watch_script = {{{Update({2, 3}), Update({})}, absl::UnavailableError("restart")},
                        {{Update({4})}, absl::OkStatus()}};
  std::vector<int64_t> steps;
  absl::Status status =
      Study(fake, "studies/s").Watch(2, [&](const v1::WatchStudyResponse& update) {
        for (const v1::StepRecord& step : update.steps()) steps.push_back(step.step());
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(steps, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(fake->watches[1].first_step(), 4);
}

TEST(Study, Watch_ServerThatStaysAway_IsReported) {
  auto fake = std::make_shared<FakeTransport>();
  fake->watch_script = {{{Update({0})}, absl::UnavailableError("restart")},
                        {{}, absl::UnavailableError("away")}};
  absl::Status status =
      Study(fake, "studies/s").Watch(0, [](const v1::WatchStudyResponse&) { return true; });
  EXPECT_EQ(status.message(), "away");
}

TEST(Study, Watch_UpdateReturnsFalse_Ends) {
  auto fake = std::make_shared<FakeTransport>();
  fake->watch_script = {{{Update({0}), Update({1})}, absl::UnavailableError("restart")}};
  int updates = 0;
  EXPECT_TRUE(Study(fake, "studies/s")
                  .Watch(0,
                         [&](const v1::WatchStudyResponse&) {
                           ++updates;
                           return false;
                         })
                  .ok());
  EXPECT_EQ(updates, 1);
}

TEST(Study, Solution_PutsPiecesTogether) {
  auto fake = std::make_shared<FakeTransport>();
  v1::SolutionChunk first, second;
  first.mutable_solution()->set_loss(0.5);
  v1::TensorChunk* piece = first.add_tensors();
  piece->set_name("w");
  piece->add_shape(3);
  piece->add_values(1);
  v1::TensorChunk* rest = second.add_tensors();
  rest->set_name("w");
  rest->set_offset(1);
  rest->add_values(2);
  rest->add_values(3);
  v1::TensorChunk* other = second.add_tensors();
  other->set_name("v");
  other->add_shape(1);
  other->add_values(4);
  fake->solution = {first, second};
  absl::StatusOr<Point> point = Study(fake, "studies/s").Solution(v1::GetSolutionRequest::BEST);
  ASSERT_TRUE(point.ok());
  EXPECT_EQ(point->solution.loss(), 0.5);
  ASSERT_EQ(point->tensors.size(), 2u);
  EXPECT_EQ(point->tensors[0].values, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(point->tensors[1].name, "v");
}

TEST(StatusDetails, Payloads_AreRead) {
  absl::Status status = absl::InvalidArgumentError("bad spec");
  google::rpc::BadRequest bad;
  google::rpc::BadRequest::FieldViolation* violation = bad.add_field_violations();
  violation->set_field("study.spec.parameters[0].real.min");
  violation->set_description("3 is above max 2");
  status.SetPayload("type.googleapis.com/google.rpc.BadRequest",
                    absl::Cord(bad.SerializeAsString()));
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo",
                    absl::Cord(retry.SerializeAsString()));
  EXPECT_EQ(ErrorText(status),
            "bad spec; study.spec.parameters[0].real.min: 3 is above max 2 (INVALID_ARGUMENT)");
  EXPECT_EQ(RetryDelay(status), absl::Milliseconds(500));
  EXPECT_EQ(ErrorReason(status), "");
  EXPECT_FALSE(RetryDelay(absl::UnavailableError("")).has_value());
}

TEST(StudyFailure, OfFailedStudies_HasTheServersReason) {
  v1::Study study;
  study.set_name("studies/old");
  study.set_state(v1::Study::PAUSED);
  study.set_state_reason("of a revision unknown here");
  EXPECT_TRUE(StudyFailure(study).ok());
  study.set_state(v1::Study::FAILED);
  EXPECT_EQ(ErrorText(StudyFailure(study)),
            "studies/old is FAILED: of a revision unknown here (FAILED_PRECONDITION)");
}

TEST(AsUtf8, AnyBytes_BecomeValidText) {
  EXPECT_EQ(AsUtf8("plain", 100), "plain");
  EXPECT_EQ(AsUtf8("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 100),
            "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(AsUtf8("\xff\xc3", 100), "??");
  EXPECT_EQ(AsUtf8("\xc0\xaf", 100), "??") << "overlong";
  EXPECT_EQ(AsUtf8("\xed\xa0\x80", 100), "???") << "surrogate";
  EXPECT_EQ(AsUtf8("ab\xc3\xa4", 3), "ab") << "cut between characters";
}

}  // namespace
}  // namespace polystep::client
