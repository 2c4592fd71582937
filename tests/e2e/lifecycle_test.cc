// The life of a study through the generated stubs alone.
#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "google/rpc/status.pb.h"
#include "tests/e2e/service_fixture.h"

namespace polystep {
namespace {

using Studies = v1::StudyService::Stub;
using Evaluations = v1::EvaluationService::Stub;

class LifecycleTest : public ServiceTest {
 protected:
  template <class Request>
  v1::Study Change(grpc::Status (Studies::*method)(grpc::ClientContext*, const Request&,
                                                   v1::Study*),
                   const std::string& name) {
    Request request;
    request.set_name(name);
    v1::Study study;
    grpc::Status status = Invoke(*stubs_->studies, method, request, &study);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return study;
  }

  std::vector<v1::WatchStudyResponse> WatchAll(const std::string& name, int64_t first_step) {
    v1::WatchStudyRequest request;
    request.set_name(name);
    request.set_first_step(first_step);
    grpc::ClientContext context;
    auto reader = stubs_->studies->WatchStudy(&context, request);
    std::vector<v1::WatchStudyResponse> messages;
    for (v1::WatchStudyResponse message; reader->Read(&message);) messages.push_back(message);
    grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return messages;
  }

  static std::vector<int64_t> StepsOf(const std::vector<v1::WatchStudyResponse>& messages) {
    std::vector<int64_t> steps;
    for (const auto& message : messages) {
      for (const auto& step : message.steps()) steps.push_back(step.step());
    }
    return steps;
  }

  grpc::health::v1::HealthCheckResponse::ServingStatus Health(const std::string& service) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(
        Invoke(*stubs_->health, &grpc::health::v1::Health::Stub::Check, request, &response).ok());
    return response.status();
  }
};

TEST_F(LifecycleTest, AskAndTell_ReachTheStopCriterion) {
  v1::Study created = Create(SmallStudy("a", 20));
  EXPECT_EQ(created.name(), "studies/a");
  EXPECT_EQ(created.state(), v1::Study::ACTIVE);
  EXPECT_TRUE(created.spec().evaluation().has_lease_ttl()) << "defaults are filled in";
  EXPECT_NE(created.effective_optimizer().method(), v1::OptimizerSpec::METHOD_UNSPECIFIED);
  RunToEnd("studies/a");
  v1::Study ended = Get("studies/a");
  EXPECT_EQ(ended.state(), v1::Study::SUCCEEDED);
  EXPECT_NE(ended.state_reason(), "");
  EXPECT_EQ(ended.step(), 20);
  EXPECT_GT(ended.evaluations(), 0);
  EXPECT_EQ(ended.trajectory_digest().size(), 64u);
  ASSERT_EQ(ended.best().parameters_size(), 2);
  double x = ended.best().parameters(0).real();
  double y = ended.best().parameters(1).real();
  EXPECT_DOUBLE_EQ(ended.best().loss(), (x - 0.3) * (x - 0.3) + y * y)
      << "the kept point is the one that was sent";
  v1::AskResponse after = Ask("studies/a");
  EXPECT_FALSE(after.has_lease());
  EXPECT_EQ(after.study_state(), v1::Study::SUCCEEDED);
}

TEST_F(LifecycleTest, Watch_SendsEveryStepOnceAndEnds) {
  Create(SmallStudy("a", 30));
  std::vector<v1::WatchStudyResponse> live;
  std::thread watcher([&] { live = WatchAll("studies/a", 0); });
  RunToEnd("studies/a");
  watcher.join();
  std::vector<int64_t> expected(30);
  for (int i = 0; i < 30; ++i) expected[i] = i;
  EXPECT_EQ(StepsOf(live), expected);
  EXPECT_TRUE(live.front().study().has_spec());
  EXPECT_EQ(live.back().study().state(), v1::Study::SUCCEEDED);
  expected.erase(expected.begin(), expected.begin() + 25);
  EXPECT_EQ(StepsOf(WatchAll("studies/a", 25)), expected) << "resumed by step";
}

TEST_F(LifecycleTest, CancelledWatches_LeaveRoomForOthers) {
  Create(SmallStudy("a", 3));
  for (int i = 0; i < 300; ++i) {
    v1::WatchStudyRequest request;
    request.set_name("studies/a");
    grpc::ClientContext context;
    auto reader = stubs_->studies->WatchStudy(&context, request);
    v1::WatchStudyResponse message;
    ASSERT_TRUE(reader->Read(&message)) << i << ": " << reader->Finish().error_message();
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
}

TEST_F(LifecycleTest, WatchDuringShutdown_IsToldToComeBack) {
  Create(SmallStudy("a", 3));
  v1::WatchStudyRequest request;
  request.set_name("studies/a");
  grpc::ClientContext context;
  auto reader = stubs_->studies->WatchStudy(&context, request);
  v1::WatchStudyResponse message;
  ASSERT_TRUE(reader->Read(&message));
  server_->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(LifecycleTest, Steps_ComeInPages) {
  Create(SmallStudy("a", 7));
  RunToEnd("studies/a");
  v1::ListStepsRequest request;
  request.set_parent("studies/a");
  request.set_page_size(3);
  std::vector<int64_t> steps;
  std::string digest;
  do {
    v1::ListStepsResponse response;
    ASSERT_TRUE(Invoke(*stubs_->studies, &Studies::ListSteps, request, &response).ok());
    EXPECT_LE(response.steps_size(), 3);
    for (const v1::StepRecord& step : response.steps()) {
      steps.push_back(step.step());
      digest = step.digest();
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(steps, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(digest, Get("studies/a").trajectory_digest());
}

TEST_F(LifecycleTest, Studies_ComeInPages) {
  for (const char* id : {"c", "a", "e", "b", "d"}) Create(SmallStudy(id, 1));
  v1::ListStudiesRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    v1::ListStudiesResponse response;
    ASSERT_TRUE(Invoke(*stubs_->studies, &Studies::ListStudies, request, &response).ok());
    for (const v1::Study& study : response.studies()) names.push_back(study.name());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ::testing::ElementsAre("studies/a", "studies/b", "studies/c", "studies/d",
                                            "studies/e"));
}

TEST_F(LifecycleTest, PauseResumeStop_DoWhatTheySay) {
  Create(SmallStudy("a", 50));
  v1::Lease lease = Ask("studies/a").lease();
  EXPECT_EQ(Change(&Studies::PauseStudy, "studies/a").state(), v1::Study::PAUSED);
  v1::AskResponse paused = Ask("studies/a");
  EXPECT_FALSE(paused.has_lease());
  EXPECT_EQ(paused.study_state(), v1::Study::PAUSED);
  EXPECT_EQ(Tell(Evaluate("studies/a", lease)).accepted(), lease.count()) << "still accepted";
  EXPECT_EQ(Change(&Studies::ResumeStudy, "studies/a").state(), v1::Study::ACTIVE);
  EXPECT_TRUE(Ask("studies/a").has_lease());
  EXPECT_EQ(Change(&Studies::StopStudy, "studies/a").state(), v1::Study::STOPPED);
  EXPECT_FALSE(Ask("studies/a").has_lease());
}

TEST_F(LifecycleTest, RaisedLimit_ContinuesAStudyThatSucceeded) {
  Create(SmallStudy("a", 2));
  RunToEnd("studies/a");
  v1::UpdateStudyRequest update;
  update.mutable_study()->set_name("studies/a");
  update.mutable_study()->mutable_spec()->mutable_stop()->set_max_steps(4);
  (*update.mutable_study()->mutable_labels())["team"] = "analog";
  update.mutable_update_mask()->add_paths("spec.stop.max_steps");
  update.mutable_update_mask()->add_paths("labels");
  v1::Study study;
  grpc::Status status = Invoke(*stubs_->studies, &Studies::UpdateStudy, update, &study);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(study.spec().stop().max_steps(), 4);
  EXPECT_EQ(study.labels().at("team"), "analog");
  EXPECT_EQ(Change(&Studies::ResumeStudy, "studies/a").state(), v1::Study::ACTIVE);
  RunToEnd("studies/a");
  EXPECT_EQ(Get("studies/a").step(), 4);
}

TEST_F(LifecycleTest, SameCreateAgain_IsTheSameStudy) {
  v1::Study first = Create(SmallStudy("a", 5));
  EXPECT_EQ(Create(SmallStudy("a", 5)).uid(), first.uid());
  v1::CreateStudyRequest unnamed = SmallStudy("", 5);
  unnamed.set_request_id("once");
  EXPECT_EQ(Create(unnamed).name(), Create(unnamed).name());
  v1::CreateStudyRequest trial = SmallStudy("trial", 5);
  trial.set_validate_only(true);
  EXPECT_EQ(Create(trial).name(), "studies/trial");
  v1::GetStudyRequest get;
  get.set_name("studies/trial");
  v1::Study study;
  EXPECT_EQ(Invoke(*stubs_->studies, &Studies::GetStudy, get, &study).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(LifecycleTest, DeletedStudy_IsGone) {
  Create(SmallStudy("a", 5));
  v1::DeleteStudyRequest request;
  request.set_name("studies/a");
  google::protobuf::Empty empty;
  ASSERT_TRUE(Invoke(*stubs_->studies, &Studies::DeleteStudy, request, &empty).ok());
  EXPECT_EQ(Invoke(*stubs_->studies, &Studies::DeleteStudy, request, &empty).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(Create(SmallStudy("a", 6)).uid(), "") << "the id is free again";
}

TEST_F(LifecycleTest, Tensors_ComeBackInChunks) {
  v1::CreateStudyRequest request;
  request.set_study_id("w");
  v1::TensorSpec& tensor = *request.mutable_study()->mutable_spec()->add_tensors();
  tensor.set_name("w");
  tensor.add_shape(2);
  tensor.add_shape(3);
  request.mutable_study()->mutable_spec()->mutable_stop()->set_max_steps(2);
  Create(request);
  for (v1::AskResponse ask = Ask("studies/w"); ask.has_lease(); ask = Ask("studies/w")) {
    const v1::Lease& lease = ask.lease();
    ASSERT_TRUE(lease.has_dense()) << "studies of tensors are DENSE by default";
    ASSERT_EQ(lease.dense().dimension(), 6u);
    v1::TellRequest tell;
    tell.set_study("studies/w");
    tell.set_token(lease.token());
    tell.set_step(lease.step());
    tell.add_slices()->set_first_index(lease.first_index());
    for (uint32_t i = 0; i < lease.count(); ++i) {
      tell.mutable_slices(0)->add_losses(lease.dense().values(static_cast<int>(6 * i)));
    }
    Tell(tell);
  }
  v1::GetSolutionRequest get;
  get.set_name("studies/w");
  grpc::ClientContext context;
  auto reader = stubs_->studies->GetSolution(&context, get);
  v1::SolutionChunk chunk;
  ASSERT_TRUE(reader->Read(&chunk));
  ASSERT_EQ(chunk.tensors_size(), 1);
  EXPECT_THAT(chunk.tensors(0).shape(), ::testing::ElementsAre(2, 3));
  EXPECT_EQ(chunk.tensors(0).values_size(), 6);
  EXPECT_EQ(static_cast<double>(chunk.tensors(0).values(0)), chunk.solution().loss());
  EXPECT_FALSE(reader->Read(&chunk));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(LifecycleTest, TellWithNext_CarriesTheNextLease) {
  Create(SmallStudy("a", 10));
  v1::AskResponse ask = Ask("studies/a");
  int calls = 0;
  for (; ask.has_lease(); ++calls) {
    v1::TellRequest tell = Evaluate("studies/a", ask.lease());
    tell.mutable_next()->set_worker("test");
    tell.mutable_next()->mutable_wait()->set_seconds(10);
    ask = Tell(tell).next();
  }
  EXPECT_EQ(ask.study_state(), v1::Study::SUCCEEDED);
  EXPECT_GE(calls, 10);
}

TEST_F(LifecycleTest, RenewAndRelease_AnswerPerToken) {
  Create(SmallStudy("a", 10));
  v1::Lease lease = Ask("studies/a").lease();
  v1::RenewRequest renew;
  renew.set_study("studies/a");
  renew.add_tokens(lease.token());
  v1::RenewResponse renewed;
  ASSERT_TRUE(Invoke(*stubs_->evaluations, &Evaluations::Renew, renew, &renewed).ok());
  ASSERT_EQ(renewed.renewals_size(), 1);
  EXPECT_TRUE(renewed.renewals(0).known());
  EXPECT_GT(renewed.renewals(0).ttl().seconds(), 0);
  v1::ReleaseRequest release;
  release.set_study("studies/a");
  release.add_tokens(lease.token());
  v1::ReleaseResponse released;
  ASSERT_TRUE(Invoke(*stubs_->evaluations, &Evaluations::Release, release, &released).ok());
  renewed.Clear();
  ASSERT_TRUE(Invoke(*stubs_->evaluations, &Evaluations::Renew, renew, &renewed).ok());
  EXPECT_FALSE(renewed.renewals(0).known());
}

TEST_F(LifecycleTest, ServerInfoAndHealth_SayWhatIsServed) {
  v1::ServerInfo info;
  ASSERT_TRUE(Invoke(*stubs_->server, &v1::ServerService::Stub::GetServerInfo,
                     v1::GetServerInfoRequest(), &info)
                  .ok());
  EXPECT_NE(info.version(), "");
  EXPECT_EQ(info.limits().max_dense_dimension(), 250'000);
  EXPECT_THAT(info.encodings(),
              ::testing::ElementsAre(v1::AskRequest::NAMED, v1::AskRequest::DENSE,
                                     v1::AskRequest::BLOCK, v1::AskRequest::SUBSPACE));
  for (const char* service : {"", "polystep.v1.StudyService", "polystep.v1.EvaluationService"}) {
    EXPECT_EQ(Health(service), grpc::health::v1::HealthCheckResponse::SERVING) << service;
  }
}

TEST_F(LifecycleTest, LongPoll_EndsAtTheCallersDeadlineWithAnAnswer) {
  Create(SmallStudy("a", 10));
  std::vector<v1::Lease> leases;
  v1::AskRequest request;
  request.set_study("studies/a");
  request.set_worker("greedy");
  v1::AskResponse response;
  do {
    ASSERT_TRUE(Invoke(*stubs_->evaluations, &Evaluations::Ask, request, &response).ok());
  } while (response.has_lease());
  EXPECT_TRUE(response.has_retry_delay());
  request.mutable_wait()->set_seconds(3600);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  grpc::Status status = stubs_->evaluations->Ask(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(LifecycleTest, Shutdown_AnswersHeldPollsAndKeepsWhatWasTold) {
  Create(SmallStudy("a", 10));
  v1::Lease lease = Ask("studies/a").lease();
  EXPECT_EQ(Tell(Evaluate("studies/a", lease)).accepted(), lease.count());
  // Nothing is left to be leased: the poll is held. Backups are for other workers.
  const int64_t step = Ask("studies/a").lease().step();
  ASSERT_GT(step, lease.step());
  v1::AskRequest rest;
  rest.set_study("studies/a");
  rest.set_worker("test");
  v1::AskResponse response;
  do {
    response.Clear();
    ASSERT_TRUE(Invoke(*stubs_->evaluations, &Evaluations::Ask, rest, &response).ok());
  } while (response.has_lease());
  v1::Study before = Get("studies/a");
  rest.mutable_wait()->set_seconds(60);
  grpc::ClientContext context;
  grpc::Status held;
  std::thread poll([&] { held = stubs_->evaluations->Ask(&context, rest, &response); });
  server_->Shutdown(absl::ZeroDuration());
  poll.join();
  // gRPC cancels a call that arrives in the very moment its server closes.
  EXPECT_THAT(held.error_code(),
              ::testing::AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED));
  server_ = nullptr;
  StartServer();
  v1::Study after = Get("studies/a");
  EXPECT_EQ(after.evaluations(), before.evaluations());
  EXPECT_EQ(after.trajectory_digest(), before.trajectory_digest());
  EXPECT_EQ(Tell(Evaluate("studies/a", lease)).accepted(), 0u) << "nothing acknowledged is lost";
}

}  // namespace
}  // namespace polystep
