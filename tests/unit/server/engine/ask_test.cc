// Leases, call by call: who gets what, when, and what becomes of it.
#include <gtest/gtest.h>

#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

class AskTest : public EngineTest {
 protected:
  AskTest() { EXPECT_TRUE(Create(Params()).ok()); }

  // An ask that is held; its answer comes later.
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<AskResult>>>;
  Answer Hold(
      std::string worker, absl::Duration wait = absl::Seconds(30),
      std::function<bool()> cancelled = [] { return false; }) {
    AskParams params = AskOf(std::move(worker));
    params.wait = wait;
    auto answer = std::make_shared<std::optional<absl::StatusOr<AskResult>>>();
    engine_->Ask(params, std::move(cancelled),
                 [answer](absl::StatusOr<AskResult> result) { *answer = std::move(result); });
    Run(absl::Milliseconds(5));
    return answer;
  }
};

TEST_F(AskTest, Lease_HasItsCandidates) {
  LeaseGrant lease = MustLease(AskOf("w", 5));
  EXPECT_EQ(lease.step, 0);
  EXPECT_EQ(lease.count, 5u);
  EXPECT_EQ(lease.coordinates.size(), 10u);
  EXPECT_EQ(lease.encoding, Encoding::kNamed);
  EXPECT_EQ(lease.ttl, absl::Seconds(60));
  EXPECT_FALSE(lease.backup);
  for (double x : lease.coordinates) EXPECT_TRUE(x >= 0.0 && x <= 1.0);
}

TEST_F(AskTest, UnknownWorkerUnasked_StartsWithOneEvaluation) {
  EXPECT_EQ(MustLease(AskOf("w", 0)).count, 1u);
}

TEST_F(AskTest, LeaseOfAnHour_SurvivesARestart) {
  AskParams params = AskOf("bench", 4);
  params.lease_ttl = absl::Hours(1);
  params.request_id = "r";
  LeaseGrant lease = MustLease(params);
  Run(absl::Seconds(1));
  Restart();
  EXPECT_EQ(MustLease(AskOf("w", 1)).first_index, 4u);
  LeaseGrant again = MustLease(params);
  EXPECT_EQ(again.token, lease.token);
  EXPECT_EQ(again.coordinates, lease.coordinates);
  ASSERT_TRUE(Release({lease.token}).ok());
  Run(absl::Seconds(1));
  Restart();
  EXPECT_EQ(MustLease(AskOf("w", 1)).first_index, 0u);
}

TEST_F(AskTest, RequestId_GivesTheOutstandingLeaseAgain) {
  AskParams params = AskOf("w", 3);
  params.request_id = "r";
  LeaseGrant lease = MustLease(params);
  EXPECT_EQ(MustLease(params).token, lease.token);
  EXPECT_EQ(Get()->counters.lost, 0);
  params.worker = "v";
  EXPECT_NE(MustLease(params).token, lease.token);
}

TEST_F(AskTest, ExpiredLease_IsOfferedAgainAndALateTellCounts) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  Run(absl::Seconds(59));
  EXPECT_EQ(MustLease(AskOf("v", 1)).first_index, 4u);
  Run(absl::Seconds(2));
  EXPECT_EQ(Get()->counters.lost, 4);
  EXPECT_EQ(MustLease(AskOf("v", 2)).first_index, 0u);
  absl::StatusOr<TellResult> late = Tell(TellOf(lease));
  EXPECT_EQ(late->accepted, 4u);
  EXPECT_EQ(late->ttl, absl::ZeroDuration());
}

TEST_F(AskTest, Renew_ExtendsAndSaysWhatIsNotNeeded) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  Run(absl::Seconds(50));
  absl::StatusOr<std::vector<RenewResult>> renewed = Renew({lease.token});
  ASSERT_TRUE(renewed.ok());
  EXPECT_TRUE((*renewed)[0].known);
  EXPECT_EQ((*renewed)[0].ttl, absl::Seconds(60));
  Run(absl::Seconds(50));
  EXPECT_EQ(Get()->counters.lost, 0);
  Run(absl::Seconds(20));
  EXPECT_EQ(Get()->counters.lost, 4);
  LeaseGrant other = MustLease(AskOf("v", 2));
  ASSERT_TRUE(Tell(TellOf(other)).ok());
  renewed = Renew({lease.token});
  EXPECT_FALSE((*renewed)[0].known);
  ASSERT_EQ((*renewed)[0].not_needed.size(), 1u);
  EXPECT_EQ((*renewed)[0].not_needed[0].count, 2u);
  std::vector<std::string> many(limits::kTokens + 1, lease.token);
  EXPECT_EQ(Renew(many).status().code(), absl::StatusCode::kInvalidArgument);
  many.pop_back();
  EXPECT_TRUE(Renew(many).ok());
}

TEST_F(AskTest, MaxAttemptTime_CapsRenewals) {
  UpdateStudyParams update;
  update.lease = LeasePolicy{};
  update.lease->max_attempt_time = absl::Seconds(30);
  ASSERT_TRUE(Update(update).ok());
  LeaseGrant lease = MustLease(AskOf("w", 2));
  EXPECT_EQ(lease.ttl, absl::Seconds(60));
  Run(absl::Seconds(40));
  EXPECT_LT((*Renew({lease.token}))[0].ttl, absl::Seconds(21));
  Run(absl::Seconds(21));
  EXPECT_EQ(Get()->counters.lost, 2);
}

TEST_F(AskTest, Release_CostsNothing) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  ASSERT_TRUE(Release({lease.token}).ok());
  EXPECT_EQ(MustLease(AskOf("v", 4)).first_index, 0u);
  EXPECT_EQ(Get()->counters.lost, 0);
}

TEST_F(AskTest, ReleaseRest_GivesBackWhatIsNotTold) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  TellParams tell = TellOf(lease);
  tell.slices[0].losses.resize(1);
  tell.release_rest = true;
  EXPECT_EQ(Tell(tell)->accepted, 1u);
  EXPECT_EQ(MustLease(AskOf("v", 4)).first_index, 1u);
}

TEST_F(AskTest, MaxLost_PausesNamingTheEvaluation) {
  UpdateStudyParams update;
  update.lease = LeasePolicy{};
  update.lease->max_lost = 3;
  ASSERT_TRUE(Update(update).ok());
  for (int i = 0; i < 3; ++i) {
    MustLease(AskOf("w"));
    Run(absl::Seconds(61));
  }
  StudyView view = *Get();
  EXPECT_EQ(view.state, StudyState::kPaused);
  EXPECT_NE(view.state_reason.find("evaluation 0 of step 0"), std::string::npos)
      << view.state_reason;
  ASSERT_TRUE(Control(&Engine::ResumeStudy).ok());
  MustLease(AskOf("w"));
  Run(absl::Seconds(61));
  EXPECT_EQ(Get()->state, StudyState::kActive);
}

TEST_F(AskTest, HeldAsk_GetsWorkInTheOrderOfAsking) {
  LeaseGrant all = MustLease(AskOf("w"));
  Answer first = Hold("a");
  Answer second = Hold("b");
  EXPECT_FALSE(first->has_value());
  TellParams tell = TellOf(all);
  tell.slices[0].losses.resize(2);
  tell.release_rest = true;
  ASSERT_TRUE(Tell(tell).ok());
  ASSERT_TRUE(first->has_value() && (*first)->value().lease);
  EXPECT_FALSE(second->has_value());
}

TEST_F(AskTest, HeldAsk_IsAnsweredAtItsDeadline) {
  MustLease(AskOf("w"));
  Answer held = Hold("v", absl::Seconds(3));
  Run(absl::Seconds(2));
  EXPECT_FALSE(held->has_value());
  Run(absl::Seconds(1.1));
  ASSERT_TRUE(held->has_value());
  EXPECT_FALSE((*held)->value().lease.has_value());
}

TEST_F(AskTest, CancelledAsk_GrantsNothing) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  bool gone = false;
  MustLease(AskOf("v"));
  Answer held = Hold("x", absl::Seconds(30), [&] { return gone; });
  gone = true;
  ASSERT_TRUE(Release({lease.token}).ok());
  EXPECT_EQ((*held)->status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(MustLease(AskOf("w", 4)).first_index, 0u);
}

TEST_F(AskTest, TooManyWaiters_ResourceExhausted) {
  MustLease(AskOf("w"));
  std::vector<Answer> held;
  for (int i = 0; i < 8; ++i) held.push_back(Hold("v"));
  for (const Answer& answer : held) EXPECT_FALSE(answer->has_value());
  Answer refused = Hold("v");
  ASSERT_TRUE(refused->has_value());
  EXPECT_EQ((*refused)->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(GetRetryDelay((*refused)->status()).has_value());
  Run(absl::Seconds(31));
  EXPECT_FALSE(Hold("v")->has_value());
}

TEST_F(AskTest, Encodings_WhatIsNotServedIsRefused) {
  AskParams params = AskOf("w", 1);
  params.encodings = {Encoding::kBlock, Encoding::kNamed};
  EXPECT_EQ(MustLease(params).encoding, Encoding::kNamed);
  params.encodings = {Encoding::kBlock, Encoding::kSubspace};
  EXPECT_EQ(Ask(params).status().code(), absl::StatusCode::kInvalidArgument);
  params.encodings = {Encoding::kDense};
  EXPECT_EQ(Ask(params).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AskTest, Candidates_StayUnderTheByteLimits) {
  for (int64_t values : {100'000, 250'000, 250'001}) {
    CreateStudyParams params = Params("t" + std::to_string(values));
    params.spec.search.parameters.clear();
    TensorSpec tensor;
    tensor.name = "w";
    tensor.shape = {values};
    params.spec.search.tensors = {tensor};
    params.spec.search.optimizer = {};
    absl::StatusOr<StudyView> created = Create(params);
    ASSERT_TRUE(created.ok()) << created.status();
    AskParams ask = AskOf("w");
    ask.study = params.id;
    absl::StatusOr<AskResult> asked = Ask(ask);
    if (values > 250'000) {
      EXPECT_EQ(asked.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(std::string(asked.status().message()).find("250000"), std::string::npos);
    } else {
      EXPECT_EQ(asked->lease->encoding, Encoding::kDense);
      EXPECT_LE(asked->lease->count * values * 4, 1 << 20);
    }
    Control(&Engine::StopStudy, params.id).IgnoreError();
    Await<std::monostate>([&](Callback<std::monostate> done) {
      engine_->DeleteStudy(params.id, "", std::move(done));
    }).IgnoreError();
  }
  AskParams small = AskOf("w");
  small.max_bytes = 150;
  EXPECT_LT(MustLease(small).count, 8u);
  small.max_bytes = 10;
  EXPECT_EQ(GetFieldViolation(Ask(small).status())->field, "max_bytes");
}

TEST_F(AskTest, Backup_OnlyOfASlowLeaseOfAnotherWorker) {
  LeaseGrant quick = MustLease(AskOf("quick", 4));
  LeaseGrant slow = MustLease(AskOf("slow"));
  Run(absl::Milliseconds(400));
  ASSERT_TRUE(Tell(TellOf(quick)).ok());  // 0.1 s an evaluation
  EXPECT_FALSE(Ask(AskOf("quick"))->lease.has_value());
  Answer held = Hold("quick");
  Run(absl::Seconds(5));
  ASSERT_TRUE(held->has_value() && (*held)->value().lease);
  LeaseGrant backup = *(*held)->value().lease;
  EXPECT_TRUE(backup.backup);
  EXPECT_EQ(backup.first_index, slow.first_index);
  EXPECT_FALSE(Ask(AskOf("third"))->lease.has_value());  // one backup is enough
  TellParams part = TellOf(backup);
  part.slices[0].losses.resize(1);
  ASSERT_TRUE(Tell(part).ok());
  absl::StatusOr<std::vector<RenewResult>> renewed = Renew({slow.token});
  ASSERT_EQ((*renewed)[0].not_needed.size(), 1u);
  EXPECT_EQ((*renewed)[0].not_needed[0].count, 1u);
}

TEST_F(AskTest, Paused_AcceptsResultsAndGrantsNothing) {
  LeaseGrant lease = MustLease(AskOf("w"));
  Answer held = Hold("v");
  ASSERT_TRUE(Control(&Engine::PauseStudy).ok());
  ASSERT_TRUE(held->has_value());
  EXPECT_EQ((*held)->value().study_state, StudyState::kPaused);
  EXPECT_EQ(Tell(TellOf(lease))->accepted, lease.count);
  AskParams params = AskOf("w");
  params.wait = absl::Seconds(30);
  absl::StatusOr<AskResult> asked = Ask(params);
  EXPECT_FALSE(asked->lease.has_value());
  EXPECT_EQ(asked->study_state, StudyState::kPaused);
  EXPECT_GT(asked->retry_delay, absl::ZeroDuration());
}

}  // namespace
}  // namespace polystep
