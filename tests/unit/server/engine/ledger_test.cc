#include "server/engine/ledger.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace polystep {
namespace {

constexpr uint64_t kLease = 1;
using Verdict = Ledger::Verdict;

StepPlan Plan(uint32_t count) {
  StepPlan plan;
  plan.count = count;
  Segment segment;
  segment.rows = count;
  plan.segments = {segment};
  return plan;
}

Answers One(AnswerKind kind, uint32_t index, double loss = 0.0, uint64_t lease = kLease) {
  Answers answers;
  answers.lease_id = lease;
  answers.max_attempts = 3;
  answers.Add({kind, index, loss});
  return answers;
}

TEST(Ledger, ReusedIndices_AreDecidedFromTheStart) {
  StepPlan plan = Plan(4);
  plan.reused = {{.index = 1, .alias_of = {}, .loss = 0.5, .outcome = Outcome::kLoss}};
  Ledger ledger(plan);
  EXPECT_EQ(ledger.undecided(), 3u);
  EXPECT_TRUE(ledger.decided(1));
  EXPECT_EQ(ledger.Outcomes()[1], Outcome::kMissing);  // the search fills it in
}

TEST(Ledger, Judge_PendingThenDurable) {
  Ledger ledger(Plan(2));
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 1.0}, kLease), Verdict::kNew);
  ledger.MarkPending({AnswerKind::kLoss, 0, 1.0});
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 1.0}, kLease), Verdict::kRepeat);
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 2.0}, kLease), Verdict::kConflicting);
  EXPECT_EQ(ledger.undecided(), 2u);
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kLoss, 0, 1.0)).accepted, 1u);
  EXPECT_EQ(ledger.undecided(), 1u);
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 1.0}, kLease), Verdict::kDuplicate);
  EXPECT_EQ(ledger.Judge({AnswerKind::kInfeasible, 0, 0.0}, kLease), Verdict::kConflicting);
}

TEST(Ledger, Judge_ComparesBits) {
  Ledger ledger(Plan(1));
  ledger.Apply(One(AnswerKind::kLoss, 0, 0.0));
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, -0.0}, kLease), Verdict::kConflicting);
}

TEST(Ledger, Apply_FirstInTheLogWins) {
  Ledger ledger(Plan(1));
  ledger.MarkPending({AnswerKind::kLoss, 0, 2.0});
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kLoss, 0, 1.0)).accepted, 1u);
  Ledger::Applied second = ledger.Apply(One(AnswerKind::kLoss, 0, 2.0));
  EXPECT_EQ(second.conflicting, 1u);
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kLoss, 0, 1.0)).duplicate, 1u);
  EXPECT_EQ(ledger.losses()[0], 1.0);
  EXPECT_EQ(ledger.progress().evaluations, 1);
}

TEST(Ledger, RunsOfLosses_AreTakenAsTheirAnswersWouldBe) {
  StepPlan plan = Plan(40);
  plan.segments[0].rows = 8;
  plan.segments[0].purpose = Purpose::kScore;
  Segment search = plan.segments[0];
  search.first_index = 8;
  search.rows = 32;
  search.purpose = Purpose::kSearch;
  plan.segments.push_back(search);
  Ledger runs(plan), singles(plan);
  // Fresh, over a part that is decided, equal and not, over the end of a segment, fresh again.
  for (const auto& [first, count, loss] : std::vector<std::tuple<uint32_t, uint32_t, double>>{
           {10, 6, 1.0}, {4, 10, 1.0}, {12, 8, 2.0}, {20, 20, 3.0}, {0, 40, 3.0}}) {
    Answers run = One(AnswerKind::kInfeasible, first, 0.0);
    run.AddLosses(first + 1, std::vector<double>(count - 1, loss));
    Ledger::Applied one_by_one;
    run.ForEach([&](const Answer& answer) {
      const Ledger::Applied one = singles.Apply(One(answer.kind, answer.index, answer.loss));
      one_by_one.accepted += one.accepted;
      one_by_one.duplicate += one.duplicate;
      one_by_one.conflicting += one.conflicting;
    });
    const Ledger::Applied applied = runs.Apply(run);
    EXPECT_EQ(applied.accepted, one_by_one.accepted) << first;
    EXPECT_EQ(applied.duplicate, one_by_one.duplicate) << first;
    EXPECT_EQ(applied.conflicting, one_by_one.conflicting) << first;
  }
  EXPECT_TRUE(runs.complete());
  EXPECT_EQ(runs.losses(), singles.losses());
  EXPECT_EQ(runs.Outcomes(), singles.Outcomes());
  EXPECT_EQ(runs.progress().score, singles.progress().score);
  EXPECT_EQ(runs.progress().evaluations, singles.progress().evaluations);
}

TEST(Ledger, MarkPendingIfNew_OneWasTold_DoesNothing) {
  Ledger ledger(Plan(8));
  ledger.MarkPending({AnswerKind::kLoss, 5, 1.0});
  EXPECT_FALSE(ledger.MarkPendingIfNew(2, {2.0, 2.0, 2.0, 2.0}));
  EXPECT_TRUE(ledger.open(2) && ledger.open(4));
  EXPECT_TRUE(ledger.MarkPendingIfNew(2, {2.0, 2.0, 2.0}));
  EXPECT_FALSE(ledger.open(2) || ledger.open(4));
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 4, 2.0}, kLease), Verdict::kRepeat);
  EXPECT_TRUE(ledger.open(6));
}

TEST(Ledger, Revert_OpensOnlyWhatIsStillPending) {
  Ledger ledger(Plan(3));
  Answers answers = One(AnswerKind::kLoss, 0, 1.0);
  answers.Add({AnswerKind::kLoss, 1, 1.0});
  ledger.MarkPending({AnswerKind::kLoss, 0, 1.0});
  ledger.MarkPending({AnswerKind::kLoss, 1, 1.0});
  ledger.Apply(One(AnswerKind::kLoss, 1, 1.0));
  EXPECT_EQ(ledger.Revert(answers), std::vector<uint32_t>{0});
  EXPECT_TRUE(ledger.open(0));
  EXPECT_TRUE(ledger.decided(1));
}

TEST(Ledger, TransientOfOneLease_IsOneAttempt) {
  Ledger ledger(Plan(1));
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kTransient, 0, 0.0, 1)).to_retry.size(), 1u);
  EXPECT_EQ(ledger.Judge({AnswerKind::kTransient, 0, 0.0}, 1), Verdict::kDuplicate);
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kTransient, 0, 0.0, 1)).duplicate, 1u);
  EXPECT_EQ(ledger.Apply(One(AnswerKind::kTransient, 0, 0.0, 2)).accepted, 1u);
  EXPECT_FALSE(ledger.complete());
  EXPECT_EQ(ledger.progress().transient, 2);
}

TEST(Ledger, TransientOfMaxAttemptsLeases_IsMasked) {
  Ledger ledger(Plan(1));
  for (uint64_t lease = 1; lease <= 3; ++lease) {
    EXPECT_FALSE(ledger.complete());
    ledger.Apply(One(AnswerKind::kTransient, 0, 0.0, lease));
  }
  EXPECT_TRUE(ledger.complete());
  EXPECT_EQ(ledger.Outcomes()[0], Outcome::kMissing);
  EXPECT_EQ(ledger.progress().masked, 1);
  EXPECT_EQ(ledger.progress().evaluations, 0);
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 1.0}, 9), Verdict::kConflicting);
}

TEST(Ledger, Apply_DecidedRangesAreJoined) {
  Ledger ledger(Plan(5));
  Answers answers = One(AnswerKind::kLoss, 1, 1.0);
  answers.Add({AnswerKind::kInfeasible, 2, 0.0});
  answers.Add({AnswerKind::kLoss, 4, 1.0});
  Ledger::Applied applied = ledger.Apply(answers);
  ASSERT_EQ(applied.decided.size(), 2u);
  EXPECT_EQ(applied.decided[0].first, 1u);
  EXPECT_EQ(applied.decided[0].count, 2u);
}

TEST(Ledger, ScoreSegments_AreCounted) {
  StepPlan plan = Plan(2);
  Segment score;
  score.purpose = Purpose::kScore;
  score.first_index = 2;
  score.rows = 1;
  plan.segments.push_back(score);
  plan.count = 3;
  Ledger ledger(plan);
  ledger.Apply(One(AnswerKind::kLoss, 2, 1.0));
  ledger.Apply(One(AnswerKind::kLoss, 0, 1.0));
  EXPECT_EQ(ledger.progress().score, 1);
  EXPECT_EQ(ledger.progress().evaluations, 2);
}

TEST(Ledger, Violation_IsPartOfTheAnswer) {
  Ledger ledger(Plan(3));
  const Answer answer{AnswerKind::kLoss, 1, 1.0, 0.25};
  EXPECT_EQ(ledger.Judge(answer, kLease), Verdict::kNew);
  ledger.MarkPending(answer);
  EXPECT_EQ(ledger.Judge(answer, kLease), Verdict::kRepeat);
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 1, 1.0}, kLease), Verdict::kConflicting);
  Answers answers = One(AnswerKind::kLoss, 0, 3.0);
  answers.Add(answer);
  EXPECT_EQ(ledger.Apply(answers).accepted, 2u);
  EXPECT_EQ(ledger.Judge(answer, kLease), Verdict::kDuplicate);
  EXPECT_EQ(ledger.Judge({AnswerKind::kLoss, 0, 3.0, 0.25}, kLease), Verdict::kConflicting);
  EXPECT_EQ(ledger.violations(), (std::vector<double>{0.0, 0.25, 0.0}));
  EXPECT_EQ(ledger.Outcomes(),
            (std::vector<Outcome>{Outcome::kLoss, Outcome::kViolation, Outcome::kMissing}));
}

TEST(Ledger, NoViolation_TakesNoMemory) {
  Ledger ledger(Plan(2));
  ledger.Apply(One(AnswerKind::kLoss, 0, 1.0));
  EXPECT_TRUE(ledger.violations().empty());
}

TEST(Ledger, RefusedViolation_LeavesNoTrace) {
  Ledger ledger(Plan(1));
  Answers answers;
  answers.Add({AnswerKind::kLoss, 0, 1.0, 0.25});
  ledger.MarkPending({AnswerKind::kLoss, 0, 1.0, 0.25});
  EXPECT_EQ(ledger.Revert(answers).size(), 1u);
  ledger.Apply(One(AnswerKind::kLoss, 0, 1.0));
  EXPECT_EQ(ledger.Outcomes()[0], Outcome::kLoss);
}

}  // namespace
}  // namespace polystep
