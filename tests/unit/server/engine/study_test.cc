// The life of a study: creation, states, policies, deletion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/engine/records.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

using StudyTest = EngineTest;

TEST_F(StudyTest, Create_ShowsTheStudy) {
  absl::StatusOr<StudyView> view = Create(Params());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->state, StudyState::kActive);
  EXPECT_EQ(view->step, 0);
  EXPECT_EQ(view->spec.search.seed, 7u);
  EXPECT_EQ(view->trajectory_digest.size(), 64u);
  EXPECT_EQ(view->algorithm_revision, kAlgorithmRevision);
  EXPECT_EQ(view->spec.search.optimizer.particles, 3u);
  EXPECT_FALSE(view->best.has_value());
}

TEST_F(StudyTest, CreateAgain_SameContent_IsTheSameStudy) {
  std::string uid = Create(Params())->uid;
  CloseStepsUpTo(1);
  absl::StatusOr<StudyView> again = Create(Params());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->uid, uid);
  EXPECT_EQ(again->step, 1);
  CreateStudyParams unseeded = Params();
  unseeded.spec.seed_given = false;
  EXPECT_EQ(Create(unseeded)->uid, uid);
  Restart();
  EXPECT_EQ(Create(Params())->uid, uid);
}

TEST_F(StudyTest, CreateAgain_OtherContent_AlreadyExists) {
  ASSERT_TRUE(Create(Params()).ok());
  CreateStudyParams other = Params();
  other.spec.search.seed = 8;
  EXPECT_EQ(Create(other).status().code(), absl::StatusCode::kAlreadyExists);
  other = Params();
  other.spec.stop.max_steps = 3;
  EXPECT_EQ(Create(other).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(StudyTest, CreateAgainAfterAnUpdate_IsTheSameStudy) {
  ASSERT_TRUE(Create(Params()).ok());
  UpdateStudyParams update;
  update.stop = StopCriteria{};
  update.stop->max_steps = 9;
  ASSERT_TRUE(Update(update).ok());
  EXPECT_TRUE(Create(Params()).ok());
}

TEST_F(StudyTest, CreateTwiceAtOnce_MakesOne) {
  std::vector<absl::StatusOr<StudyView>> views;
  for (int i = 0; i < 3; ++i) {
    engine_->CreateStudy(Params(), [&](absl::StatusOr<StudyView> v) { views.push_back(v); });
  }
  Run(absl::Milliseconds(50));
  ASSERT_EQ(views.size(), 3u);
  for (auto& view : views) EXPECT_EQ(view->uid, views[0]->uid);
}

TEST_F(StudyTest, CreateWithoutId_RequestIdMakesItIdempotent) {
  CreateStudyParams params = Params("");
  params.request_id = "r";
  absl::StatusOr<StudyView> first = Create(params);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->id.empty());
  EXPECT_EQ(Create(params)->uid, first->uid);
  params.request_id.clear();
  EXPECT_NE(Create(params)->uid, first->uid);
}

TEST_F(StudyTest, CreateWithoutSeed_DrawsOne) {
  CreateStudyParams params = Params();
  params.spec.seed_given = false;
  EXPECT_NE(Create(params)->spec.search.seed, 7u);
}

TEST_F(StudyTest, ValidateOnly_KeepsNothing) {
  CreateStudyParams params = Params();
  params.validate_only = true;
  EXPECT_TRUE(Create(params).ok());
  EXPECT_EQ(Get().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(StudyTest, CreateBeyondTheLimit_ResourceExhausted) {
  for (std::string id : {"a", "b", "c"}) EXPECT_TRUE(Create(Params(id)).ok());
  absl::Status status = Create(Params("d")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetReason(status), reason::kTooManyStudies);
  EXPECT_TRUE(Create(Params("c")).ok());
}

TEST_F(StudyTest, CreateBadInput_NamesTheField) {
  struct Case {
    std::string field;
    std::function<void(CreateStudyParams&)> spoil;
  };
  const std::vector<Case> cases = {
      {"study_id", [](auto& p) { p.id = "Upper"; }},
      {"study_id", [](auto& p) { p.id = "-a"; }},
      {"study_id", [](auto& p) { p.id = std::string(limits::kStudyId + 1, 'a'); }},
      {"display_name", [](auto& p) { p.display_name.assign(limits::kDisplayName + 1, 'a'); }},
      {"labels", [](auto& p) { p.labels[std::string(limits::kLabelKey + 1, 'k')] = "v"; }},
      {"stop.max_steps", [](auto& p) { p.spec.stop.max_steps = 0; }},
      {"stop.max_evaluations", [](auto& p) { p.spec.stop.max_evaluations = -1; }},
      {"stop.max_time", [](auto& p) { p.spec.stop.max_time = absl::ZeroDuration(); }},
      {"stop.patience_steps", [](auto& p) { p.spec.stop.patience_steps = 0; }},
      {"stop.target_loss", [](auto& p) { p.spec.stop.target_loss = 1.0 / 0.0; }},
      {"evaluation.lease_ttl", [](auto& p) { p.spec.lease.ttl = absl::Hours(24 * 31); }},
      {"evaluation.max_attempts", [](auto& p) { p.spec.lease.max_attempts = 0; }},
      {"evaluation.max_attempts",
       [](auto& p) { p.spec.lease.max_attempts = limits::kMaxAttempts + 1; }},
      {"evaluation.max_lost", [](auto& p) { p.spec.lease.max_lost = limits::kMaxLost + 1; }},
      {"evaluation.max_failed_fraction", [](auto& p) { p.spec.lease.max_failed_fraction = 0; }},
  };
  for (const Case& spoiled : cases) {
    CreateStudyParams params = Params();
    spoiled.spoil(params);
    absl::Status status = Create(params).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << spoiled.field;
    auto violation = GetFieldViolation(status);
    ASSERT_TRUE(violation.has_value()) << status;
    EXPECT_EQ(violation->field, spoiled.field);
  }
  CreateStudyParams params = Params(std::string(limits::kStudyId, 'a'));
  params.display_name.assign(limits::kDisplayName, 'a');
  params.spec.lease.max_attempts = limits::kMaxAttempts;
  EXPECT_TRUE(Create(params).ok());
}

TEST_F(StudyTest, States_OnlyTheirWays) {
  ASSERT_TRUE(Create(Params()).ok());
  EXPECT_EQ(Control(&Engine::ResumeStudy)->state, StudyState::kActive);
  EXPECT_EQ(Control(&Engine::PauseStudy)->state, StudyState::kPaused);
  EXPECT_EQ(Control(&Engine::PauseStudy)->state, StudyState::kPaused);
  EXPECT_EQ(Control(&Engine::ResumeStudy)->state, StudyState::kActive);
  EXPECT_EQ(Control(&Engine::StopStudy)->state, StudyState::kStopped);
  EXPECT_EQ(Control(&Engine::StopStudy)->state, StudyState::kStopped);
  absl::Status status = Control(&Engine::PauseStudy).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetReason(status), reason::kStudyState);
  EXPECT_FALSE(Control(&Engine::ResumeStudy).ok());
  Restart();
  EXPECT_EQ(Get()->state, StudyState::kStopped);
}

TEST_F(StudyTest, Etag_ChangesWithEachMutationAndIsCompared) {
  std::string etag = Create(Params())->etag;
  UpdateStudyParams update;
  update.etag = etag;
  update.display_name = "n";
  absl::StatusOr<StudyView> view = Update(update);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_NE(view->etag, etag);
  EXPECT_EQ(view->display_name, "n");
  EXPECT_EQ(Update(update).status().code(), absl::StatusCode::kAborted);
  Restart();
  EXPECT_EQ(Get()->etag, view->etag);
}

TEST_F(StudyTest, MaxSteps_EndsBetweenStepsAndARaisedLimitGoesOn) {
  CreateStudyParams params = Params();
  params.spec.stop.max_steps = 2;
  ASSERT_TRUE(Create(params).ok());
  CloseStepsUpTo(5);
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
  EXPECT_EQ(Get()->step, 2);
  EXPECT_EQ(Control(&Engine::ResumeStudy).status().code(), absl::StatusCode::kFailedPrecondition);
  UpdateStudyParams update;
  update.stop = StopCriteria{};
  update.stop->max_steps = 3;
  ASSERT_TRUE(Update(update).ok());
  EXPECT_EQ(Control(&Engine::ResumeStudy)->state, StudyState::kActive);
  CloseStepsUpTo(5);
  EXPECT_EQ(Get()->step, 3);
  std::string digest = Get()->trajectory_digest;
  Restart();
  EXPECT_EQ(Get()->trajectory_digest, digest);
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
}

TEST_F(StudyTest, MaxEvaluations_IsNeverPassed) {
  for (int64_t most : {1, 11, 12, 13, 50}) {
    CreateStudyParams params = Params();
    params.spec.stop.max_evaluations = most;
    ASSERT_TRUE(Create(params).ok());
    CloseStepsUpTo(100);
    EXPECT_EQ(Get()->state, StudyState::kSucceeded);
    EXPECT_LE(Get()->evaluations, most);
    ASSERT_TRUE(Await<std::monostate>([&](Callback<std::monostate> done) {
                  engine_->DeleteStudy("study", "", std::move(done));
                }).ok());
  }
}

TEST_F(StudyTest, TargetLoss_InTheUsersSign) {
  CreateStudyParams params = Params();
  params.spec.goal = Goal::kMaximize;
  params.spec.stop.target_loss = 5.0;
  ASSERT_TRUE(Create(params).ok());
  ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w")), 4.9)).ok());
  EXPECT_EQ(Get()->state, StudyState::kActive);
  EXPECT_EQ(Get()->best->loss, 4.9);
  ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w")), 5.0)).ok());
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
  EXPECT_EQ(Get()->best->loss, 5.0);
}

TEST_F(StudyTest, Patience_CountsStepsWithoutABetterLoss) {
  CreateStudyParams params = Params();
  params.spec.stop.patience_steps = 2;
  ASSERT_TRUE(Create(params).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get()->state, StudyState::kActive) << i;
    ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w")), 1.0)).ok());
  }
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
}

TEST_F(StudyTest, MaxTime_EndsAStudyThatNobodyServes) {
  CreateStudyParams params = Params();
  params.spec.stop.max_time = absl::Minutes(1);
  ASSERT_TRUE(Create(params).ok());
  Run(absl::Seconds(50));
  EXPECT_EQ(Get()->state, StudyState::kActive);
  Run(absl::Seconds(20));
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
}

TEST_F(StudyTest, MaxTime_CountsActiveTimeOnlyAndWaitsForTheStep) {
  CreateStudyParams params = Params();
  params.spec.stop.max_time = absl::Minutes(1);
  params.spec.lease.ttl = absl::Hours(1);
  ASSERT_TRUE(Create(params).ok());
  ASSERT_TRUE(Control(&Engine::PauseStudy).ok());
  Run(absl::Minutes(10));
  ASSERT_TRUE(Control(&Engine::ResumeStudy).ok());
  LeaseGrant lease = MustLease(AskOf("w"));
  Run(absl::Seconds(100));
  EXPECT_EQ(Get()->state, StudyState::kActive);  // someone is at work
  ASSERT_TRUE(Tell(TellOf(lease)).ok());
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
  EXPECT_EQ(Get()->step, 1);
}

TEST_F(StudyTest, FailedFraction_PausesAndAResumptionCountsAnew) {
  CreateStudyParams params = Params();
  params.spec.search.optimizer.particles = 15;
  params.spec.lease.max_failed_fraction = 0.5;
  ASSERT_TRUE(Create(params).ok());
  auto fail_all = [&] {
    absl::StatusOr<AskResult> asked = Ask(AskOf("w", 1000));
    ASSERT_TRUE(asked.ok()) << asked.status();
    if (!asked->lease) return Run(absl::Milliseconds(5));  // being paused
    LeaseGrant lease = *asked->lease;
    TellParams tell = TellOf(lease, 0.0 / 0.0);
    tell.slices[0].failures.push_back(
        {lease.first_index, Failure::Kind::kInfeasible, "no licence"});
    absl::StatusOr<TellResult> told = Tell(tell);
    ASSERT_TRUE(told.ok()) << told.status();
  };
  for (int i = 0; i < 100 && Get()->state == StudyState::kActive; ++i) fail_all();
  EXPECT_EQ(Get()->state, StudyState::kPaused);
  EXPECT_NE(Get()->state_reason.find("max_failed_fraction"), std::string::npos);
  EXPECT_NE(Get()->state_reason.find("no licence"), std::string::npos);
  EXPECT_GE(Get()->counters.infeasible, limits::kFailedFractionWindow);
  Restart();
  EXPECT_EQ(Get()->state, StudyState::kPaused);
  ASSERT_TRUE(Control(&Engine::ResumeStudy).ok());
  Restart();
  ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w", 50)), 1.0 / 0.0)).ok());
  EXPECT_EQ(Get()->state, StudyState::kActive);
}

TEST_F(StudyTest, ExhaustedSpace_EndsTheStudy) {
  CreateStudyParams params = Params();
  params.spec.search.parameters = {{"on", BooleanDomain{}}};
  params.spec.search.optimizer = {};
  ASSERT_TRUE(Create(params).ok());
  for (int i = 0; i < 50 && Get()->state == StudyState::kActive; ++i) {
    absl::StatusOr<AskResult> asked = Ask(AskOf("w"));
    ASSERT_TRUE(asked.ok());
    if (asked->lease) {
      ASSERT_TRUE(Tell(TellOf(*asked->lease)).ok());
    }
    Run(absl::Seconds(2));
  }
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
  EXPECT_NE(Get()->state_reason.find("exhausted"), std::string::npos);
  EXPECT_LE(Get()->evaluations, 2);
}

TEST_F(StudyTest, Delete_IsGoneForGoodAndItsNameIsFree) {
  std::string uid = Create(Params())->uid;
  std::string token = MustLease(AskOf("w")).token;
  auto remove = [&](std::string etag) {
    return Await<std::monostate>([&](Callback<std::monostate> done) {
             engine_->DeleteStudy("study", etag, std::move(done));
           })
        .status();
  };
  EXPECT_EQ(remove("other").code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(remove("").ok());
  EXPECT_EQ(remove("").code(), absl::StatusCode::kNotFound);
  Restart();
  EXPECT_EQ(Get().status().code(), absl::StatusCode::kNotFound);
  absl::StatusOr<StudyView> again = Create(Params());
  ASSERT_TRUE(again.ok());
  EXPECT_NE(again->uid, uid);
  EXPECT_EQ(Renew({token}).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(StudyTest, Delete_AnswersWaitersNotFound) {
  ASSERT_TRUE(Create(Params()).ok());
  MustLease(AskOf("w"));
  AskParams params = AskOf("v");
  params.wait = absl::Seconds(30);
  std::optional<absl::StatusOr<AskResult>> answer;
  engine_->Ask(
      params, [] { return false; }, [&](auto result) { answer = std::move(result); });
  Run(absl::Milliseconds(10));
  engine_->DeleteStudy("study", "", [](absl::StatusOr<std::monostate>) {});
  Run(absl::Milliseconds(50));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status().code(), absl::StatusCode::kNotFound);
}

TEST_F(StudyTest, List_ByIdAfterAnId) {
  for (std::string id : {"b", "a", "c"}) ASSERT_TRUE(Create(Params(id)).ok());
  auto list = [&](std::string after, int limit) {
    std::string ids;
    auto views = Await<std::vector<StudyView>>([&](Callback<std::vector<StudyView>> done) {
      engine_->ListStudies(after, limit, std::move(done));
    });
    for (const StudyView& view : *views) ids += view.id;
    return ids;
  };
  EXPECT_EQ(list("", 10), "abc");
  EXPECT_EQ(list("", 2), "ab");
  EXPECT_EQ(list("b", 10), "c");
  EXPECT_EQ(list("c", 10), "");
}

TEST_F(StudyTest, UnknownRevision_RefusesTheStudyAndServesTheOthers) {
  ASSERT_TRUE(Create(Params()).ok());
  ASSERT_TRUE(Create(Params("other")).ok());
  absl::StatusOr<std::vector<StudyRecord>> records = storage_.Studies();
  for (StudyRecord& record : *records) {
    if (record.id != "study") continue;
    StudyEntry entry = *DecodeStudyEntry(record.bytes);
    entry.algorithm_revision = kAlgorithmRevision + 1;
    record.bytes = EncodeStudyEntry(entry);
    storage_.Commit({PutStudy{record}}, [](absl::Status) {});
  }
  Run(absl::Milliseconds(50));
  Restart();
  ASSERT_TRUE(recovered_.ok()) << recovered_;
  EXPECT_EQ(Get("other")->state, StudyState::kActive);
  EXPECT_EQ(Get()->state, StudyState::kFailed);
  ASSERT_NE(Get()->space, nullptr);
  absl::Status status = Ask(AskOf("w")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetReason(status), reason::kRevisionUnknown);
}

TEST_F(StudyTest, InitialPointTooLargeToSend_NeedsALoss) {
  for (size_t size : {size_t{250'000}, size_t{250'001}}) {
    CreateStudyParams params = Params();
    params.spec.search.parameters.clear();
    params.spec.search.optimizer = {};
    params.spec.search.optimizer.method = Method::kBlock;
    params.spec.search.tensors = {
        {"w", {static_cast<int64_t>(size)}, TensorKind::kReal, {}, {}, {}}};
    params.spec.search.initial_points = {{{{}, {std::vector<float>(size, 1.0F)}}, {}}};
    params.validate_only = true;
    absl::StatusOr<StudyView> unknown = Create(params);
    EXPECT_EQ(unknown.ok(), size == 250'000) << unknown.status();
    if (!unknown.ok()) {
      EXPECT_THAT(std::string(unknown.status().message()),
                  testing::StartsWith("initial_points[0].loss: is required"));
    }
    params.spec.search.initial_points[0].loss = 2.0;
    EXPECT_TRUE(Create(params).ok());
  }
}

}  // namespace
}  // namespace polystep
