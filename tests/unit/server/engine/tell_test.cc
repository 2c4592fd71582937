// Answers, call by call: what counts, what is refused, what survives.
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/field_error.h"
#include "server/engine/limits.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

class TellTest : public EngineTest {
 protected:
  TellTest() { EXPECT_TRUE(Create(Params()).ok()); }
};

TEST_F(TellTest, CompleteStep_ClosesAndOpensTheNext) {
  std::string digest = Get()->trajectory_digest;
  LeaseGrant lease = MustLease(AskOf("w"));
  absl::StatusOr<TellResult> told = Tell(TellOf(lease));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->accepted, lease.count);
  EXPECT_EQ(told->committed_step, 1);
  EXPECT_EQ(Get()->step, 1);
  EXPECT_EQ(Get()->evaluations, lease.count);
  EXPECT_NE(Get()->trajectory_digest, digest);
  EXPECT_EQ(MustLease(AskOf("w")).step, 1);
}

TEST_F(TellTest, Counts_DuplicateConflictingStale) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  EXPECT_EQ(Tell(TellOf(lease))->accepted, 4u);
  EXPECT_EQ(Tell(TellOf(lease))->duplicate, 4u);
  EXPECT_EQ(Tell(TellOf(lease, 2.0))->conflicting, 4u);
  CloseStepsUpTo(1);
  EXPECT_EQ(Tell(TellOf(lease, 2.0))->stale, 4u);
  StudyView view = *Get();
  EXPECT_EQ(view.counters.duplicate, 4);
  EXPECT_EQ(view.counters.conflicting, 4);
  EXPECT_EQ(view.counters.stale, 4);
}

TEST_F(TellTest, RepeatWhileTheFirstIsBeingCommitted_EachIsDurableByItself) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  std::vector<TellResult> results;
  for (double loss : {1.0, 1.0, 3.0}) {
    engine_->Tell(
        TellOf(lease, loss), [] { return false; },
        [&](absl::StatusOr<TellResult> result) { results.push_back(*result); });
  }
  Run(absl::Milliseconds(50));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].accepted, 4u);
  EXPECT_EQ(results[1].duplicate, 4u);
  EXPECT_EQ(results[2].conflicting, 4u);
  // The repeat is in the log too: had the first commit been refused, it would have counted.
  std::string uid = Get()->uid;
  EXPECT_EQ(storage_.History(uid)->answers.size(), 2u);
}

TEST_F(TellTest, StoreFailure_IsAnsweredAndNothingCounts) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  storage_.Fail(absl::DataLossError("fsync"));
  EXPECT_EQ(Tell(TellOf(lease)).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Get()->evaluations, 0);
}

TEST_F(TellTest, BadTells_NameTheField) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  struct Case {
    std::string field;
    std::function<void(TellParams&)> spoil;
  };
  const std::vector<Case> cases = {
      {"step", [](auto& t) { t.step = 1; }},
      {"step", [](auto& t) { t.step = -1; }},
      {"slices.losses", [](auto& t) { t.slices[0].losses.push_back(1.0); }},
      {"slices.losses", [](auto& t) { t.slices[0].first_index = 1; }},
      {"slices.losses", [](auto& t) { t.slices[0].first_index = 0xffffffff; }},
      {"slices.violations", [](auto& t) { t.slices[0].violations.assign(3, 0.0); }},
      {"slices.violations",
       [](auto& t) {
         t.slices[0].violations = {0.0, -1e-300, 0.0, 0.0};
       }},
      {"slices.violations", [](auto& t) { t.slices[0].violations.assign(4, std::nan("")); }},
      {"slices.violations", [](auto& t) { t.slices[0].violations.assign(4, HUGE_VAL); }},
      {"slices.failures.index",
       [](auto& t) {
         t.slices[0].failures.push_back({4, Failure::Kind::kTransient, ""});
       }},
      {"slices", [](auto& t) { t.slices.resize(limits::kSlices + 1); }},
      {"next.encodings",
       [](auto& t) {
         t.next = AskOf("w");
         t.next->encodings = {Encoding::kDense};
       }},
      {"next.study",
       [](auto& t) {
         t.next = AskOf("w");
         t.next->study = "other";
       }},
  };
  for (const Case& spoiled : cases) {
    TellParams tell = TellOf(lease);
    spoiled.spoil(tell);
    absl::Status status = Tell(tell).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    auto violation = GetFieldViolation(status);
    ASSERT_TRUE(violation.has_value()) << status;
    EXPECT_EQ(violation->field, spoiled.field);
  }
  TellParams most = TellOf(lease);
  most.slices.resize(limits::kSlices);
  EXPECT_EQ(Tell(most)->accepted, 4u);
}

TEST_F(TellTest, NonFinite_AsThePolicySays) {
  auto tell_nan = [&](NonFinite policy) {
    CreateStudyParams params = Params("nan" + std::to_string(static_cast<int>(policy)));
    params.spec.non_finite = policy;
    Create(params).IgnoreError();
    AskParams ask = AskOf("w", 1);
    ask.study = params.id;
    TellParams tell = TellOf(MustLease(ask), std::nan(""));
    tell.study = params.id;
    absl::Status status = Tell(tell).status();
    Counters counters = Get(params.id)->counters;
    return std::pair(status.code(), counters.infeasible);
  };
  EXPECT_EQ(tell_nan(NonFinite::kInfeasible), std::pair(absl::StatusCode::kOk, int64_t{1}));
  EXPECT_EQ(tell_nan(NonFinite::kReject),
            std::pair(absl::StatusCode::kInvalidArgument, int64_t{0}));
}

TEST_F(TellTest, TransientFailure_IsOfferedAgainThenMasked) {
  for (int attempt = 1; attempt <= 3; ++attempt) {
    LeaseGrant lease = MustLease(AskOf("w" + std::to_string(attempt), 1));
    EXPECT_EQ(lease.first_index, 0u) << attempt;
    TellParams tell = TellOf(lease);
    tell.slices[0].failures.push_back({0, Failure::Kind::kTransient, "busy"});
    EXPECT_EQ(Tell(tell)->accepted, 1u);
    EXPECT_EQ(Tell(tell)->duplicate, 1u);
    if (attempt == 2) Restart();  // attempts are durable
  }
  EXPECT_EQ(MustLease(AskOf("w", 1)).first_index, 1u);
  EXPECT_EQ(Get()->counters.transient, 3);
  EXPECT_EQ(Get()->evaluations, 0);
}

TEST_F(TellTest, ForgedToken_PermissionDenied) {
  TellParams tell = TellOf(MustLease(AskOf("w")));
  tell.token[3] ^= 1;
  EXPECT_EQ(Tell(tell).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(TellTest, TokenOfAnotherTimeline_IsFenced) {
  CloseStepsUpTo(1);
  std::string uid = Get()->uid;
  LeaseGrant lease = MustLease(AskOf("w"));
  // The same study, restored to its beginning, takes another way.
  StudyRecord record = storage_.Studies()->front();
  engine_.reset();
  storage_.Commit({EraseStudy{uid}, PutStudy{record}}, [](absl::Status) {});
  Run(absl::Milliseconds(50));
  Restart();
  absl::Status ahead = Tell(TellOf(lease)).status();
  EXPECT_EQ(ahead.code(), absl::StatusCode::kFailedPrecondition) << ahead;
  EXPECT_EQ(GetReason(ahead), reason::kLeaseFenced);
  ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w")), 4.0)).ok());
  ASSERT_EQ(Get()->step, 1);
  EXPECT_EQ(GetReason(Tell(TellOf(lease)).status()), reason::kLeaseFenced);
}

TEST_F(TellTest, Restart_KeepsTokensGood) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  Restart();
  EXPECT_EQ(Tell(TellOf(lease))->accepted, 4u);
}

TEST_F(TellTest, Stopped_CountsAnswersAsStale) {
  LeaseGrant lease = MustLease(AskOf("w", 2));
  ASSERT_TRUE(Control(&Engine::StopStudy).ok());
  EXPECT_EQ(Tell(TellOf(lease))->stale, 2u);
  EXPECT_EQ(Ask(AskOf("w"))->study_state, StudyState::kStopped);
}

TEST_F(TellTest, TellWithNext_WaitsForTheStepItCloses) {
  LeaseGrant lease = MustLease(AskOf("w"));
  TellParams tell = TellOf(lease);
  tell.next = AskOf("w");
  absl::StatusOr<TellResult> told = Tell(tell);
  ASSERT_TRUE(told.ok() && told->next && told->next->lease);
  EXPECT_EQ(told->next->lease->step, 1);
}

TEST_F(TellTest, LongAgoStep_IsStaleNotFenced) {
  LeaseGrant lease = MustLease(AskOf("w", 1));
  CloseStepsUpTo(limits::kRecentSteps + 3);
  ASSERT_TRUE(Tell(TellOf(lease)).ok());
  Restart();
  EXPECT_EQ(Tell(TellOf(lease))->stale, 1u);
}

TEST_F(TellTest, Violations_CountSurviveAndRank) {
  LeaseGrant lease = MustLease(AskOf("w", 4));
  TellParams tell = TellOf(lease, -5.0);
  tell.slices[0].violations = {0.5, 0.25, -0.0, 1.0};
  tell.slices[0].losses[2] = 9.0;
  EXPECT_EQ(Tell(tell)->accepted, 4u);
  EXPECT_EQ(Tell(tell)->duplicate, 4u);
  Restart();
  EXPECT_EQ(Tell(tell)->duplicate, 4u);
  TellParams other = tell;
  other.slices[0].violations = {0.5, 0.3, 0.0, 1.0};
  absl::StatusOr<TellResult> told = Tell(other);
  EXPECT_EQ(told->duplicate, 3u);
  EXPECT_EQ(told->conflicting, 1u);
  other.slices[0].violations.clear();
  EXPECT_EQ(Tell(other)->conflicting, 3u);
  TellParams rest = TellOf(MustLease(AskOf("w")), -7.0);
  rest.slices[0].violations.assign(rest.slices[0].losses.size(), 0.125);
  ASSERT_EQ(Tell(rest)->committed_step, 1);
  EXPECT_EQ(Get()->best->loss, 9.0);
  EXPECT_EQ(Get()->best->violation, 0.0);
  std::string digest = Get()->trajectory_digest;
  Restart();
  EXPECT_EQ(Get()->trajectory_digest, digest);
  EXPECT_EQ(Get()->best->index, 2u);
}

TEST_F(TellTest, TargetLoss_IsNotReachedByAViolation) {
  UpdateStudyParams update;
  update.stop = StopCriteria{};
  update.stop->target_loss = 0.0;
  ASSERT_TRUE(Update(update).ok());
  TellParams violating = TellOf(MustLease(AskOf("w")), -1.0);
  violating.slices[0].violations.assign(violating.slices[0].losses.size(), 0.5);
  ASSERT_TRUE(Tell(violating).ok());
  EXPECT_EQ(Get()->best->violation, 0.5);
  EXPECT_EQ(Get()->state, StudyState::kActive);
  ASSERT_TRUE(Tell(TellOf(MustLease(AskOf("w")), -1.0)).ok());
  EXPECT_EQ(Get()->state, StudyState::kSucceeded);
}

}  // namespace
}  // namespace polystep
