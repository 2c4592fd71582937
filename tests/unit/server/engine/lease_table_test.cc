#include "server/engine/lease_table.h"

#include <gtest/gtest.h>

#include "server/engine/lease_sizing.h"
#include "server/engine/worker_table.h"

namespace polystep {
namespace {

using absl::Seconds;

StepPlan Plan() {  // segments [0, 10) and [10, 14)
  StepPlan plan;
  Segment first, second;
  first.rows = 5;
  first.vertices = 2;
  second.first_index = 10;
  second.rows = 4;
  plan.segments = {first, second};
  plan.count = 14;
  return plan;
}

class LeaseTableTest : public testing::Test {
 protected:
  Lease& Grant(uint32_t limit, std::string worker = "w") {
    IndexRange range = table_.Next(limit);
    return GrantRange(range, std::move(worker));
  }
  Lease& GrantRange(IndexRange range, std::string worker) {
    Lease lease;
    lease.id = ++id_;
    lease.worker = std::move(worker);
    lease.first = range.first;
    lease.count = range.count;
    lease.expires = Seconds(60);
    return table_.Grant(lease);
  }
  void Answer(uint32_t first, uint32_t count) {
    Answers answers;
    for (uint32_t i = 0; i < count; ++i) answers.Add({AnswerKind::kLoss, first + i, 1.0});
    table_.Decided(ledger_.Apply(answers).decided);
  }

  Ledger ledger_{Plan()};
  LeaseTable table_{Plan(), &ledger_};
  uint64_t id_ = 0;
};

TEST_F(LeaseTableTest, Next_NeverCrossesASegment) {
  EXPECT_EQ(Grant(7).count, 7u);
  EXPECT_EQ(Grant(7).count, 3u);
  Lease& last = Grant(7);
  EXPECT_EQ(last.first, 10u);
  EXPECT_EQ(last.count, 4u);
  EXPECT_FALSE(table_.has_available());
}

TEST_F(LeaseTableTest, Release_OffersWhatIsOpen) {
  uint64_t id = Grant(10).id;
  Answer(0, 4);
  EXPECT_EQ(table_.Find(id)->unanswered, 6u);
  table_.Release(id);
  IndexRange next = table_.Next(100);
  EXPECT_EQ(next.first, 4u);
  EXPECT_EQ(next.count, 6u);
}

TEST_F(LeaseTableTest, Lose_CountsAndShrinksThePieces) {
  for (uint32_t times = 1; times <= 7; ++times) {
    uint64_t id = Grant(10).id;
    LeaseTable::Loss loss = table_.Lose(id);
    EXPECT_EQ(loss.times, times);
    EXPECT_EQ(loss.index, 0u);
  }
  EXPECT_EQ(table_.Next(10).count, 1u);
  table_.ForgetLosses();
  EXPECT_EQ(table_.Next(10).count, 10u);
}

TEST_F(LeaseTableTest, LateAnswerOfALostRange_IsNotOfferedAgain) {
  table_.Lose(Grant(10).id);
  Answer(0, 10);
  EXPECT_EQ(table_.Next(10).first, 10u);
}

TEST_F(LeaseTableTest, GiveUp_OffersTheIndexToOthersOnce) {
  uint64_t first = Grant(10).id;
  table_.GiveUp(first, 3);
  Lease& other = Grant(5, "v");
  EXPECT_EQ(other.first, 3u);
  EXPECT_EQ(other.count, 1u);
  EXPECT_EQ(table_.Find(first)->unanswered, 9u);
  table_.Release(first);  // does not offer 3, which the other holds
  EXPECT_EQ(table_.Next(100).count, 3u);
  Answer(3, 1);
  EXPECT_EQ(table_.Find(other.id)->unanswered, 0u);
}

TEST_F(LeaseTableTest, WithheldIndex_IsOfferedOnlyAfterARefusedCommit) {
  ledger_.MarkPending({AnswerKind::kLoss, 0, 1.0});
  table_.Withhold(0);
  EXPECT_EQ(table_.Next(100).first, 1u);
  Answers answers;
  answers.Add({AnswerKind::kLoss, 0, 1.0});
  for (uint32_t index : ledger_.Revert(answers)) table_.Reoffer(index);
  EXPECT_EQ(table_.Next(100).first, 0u);
}

TEST_F(LeaseTableTest, Slow_OldestOfAnotherWorkerWithoutBackup) {
  Lease& lease = Grant(10, "slow");
  lease.expected = Seconds(4);
  Grant(4, "quick").expected = Seconds(1);
  EXPECT_EQ(table_.Slow("v", Seconds(0), Seconds(1)), nullptr);
  EXPECT_EQ(table_.NextSlow(Seconds(0), Seconds(0)), Seconds(2));
  EXPECT_EQ(table_.Slow("v", Seconds(0), Seconds(3))->worker, "quick");
  Lease* slow = table_.Slow("quick", Seconds(0), Seconds(8));
  ASSERT_NE(slow, nullptr);
  EXPECT_EQ(slow->worker, "slow");
  Answer(0, 2);
  IndexRange run = table_.OpenRun(*slow, 5);
  EXPECT_EQ(run.first, 2u);
  EXPECT_EQ(run.count, 5u);
  Lease& backup = GrantRange(run, "quick");
  table_.Pair(*slow, backup);
  EXPECT_TRUE(backup.backup);
  EXPECT_EQ(table_.Slow("quick", Seconds(0), Seconds(8)), nullptr);
  EXPECT_EQ(table_.Slow("slow", Seconds(0), Seconds(8))->worker, "quick");  // not of its own
}

TEST_F(LeaseTableTest, LostOriginalOfABackup_KeepsTheBackupsRange) {
  uint64_t original = Grant(10, "slow").id;
  Lease& backup = GrantRange({0, 4}, "quick");
  uint64_t backup_id = backup.id;
  table_.Pair(*table_.Find(original), backup);
  table_.Lose(original);
  EXPECT_EQ(table_.Next(100).first, 4u);
  table_.Release(backup_id);
  EXPECT_EQ(table_.Next(100).first, 0u);
}

TEST_F(LeaseTableTest, NotNeeded_IsWhatIsDecided) {
  Grant(10);
  Answer(2, 3);
  std::vector<IndexRange> ranges = table_.NotNeeded(0, 10);
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].first, 2u);
  EXPECT_EQ(ranges[0].count, 3u);
}

TEST(RangeSet, AddAndRemove_JoinAndSplit) {
  RangeSet set;
  set.Add(0, 4);
  set.Add(8, 4);
  set.Add(4, 4);
  EXPECT_EQ(set.Lowest().count, 12u);
  set.Remove(3, 2);
  EXPECT_EQ(set.Lowest().count, 3u);
  EXPECT_FALSE(set.Contains(3));
  EXPECT_FALSE(set.Contains(4));
  EXPECT_TRUE(set.Contains(5));
  set.Remove(0, 100);
  EXPECT_TRUE(set.empty());
}

TEST(LeaseSize, Bounds) {
  LeaseSizing sizing;
  sizing.open = 10'000;
  EXPECT_EQ(LeaseSize(sizing), 1u);  // unknown worker
  sizing.per_evaluation = absl::Milliseconds(10);
  EXPECT_EQ(LeaseSize(sizing), 8u);  // grows by eight
  sizing.largest_finished = 1000;
  EXPECT_EQ(LeaseSize(sizing), 200u);  // two seconds
  sizing.open = 100;
  sizing.active_workers = 5;
  EXPECT_EQ(LeaseSize(sizing), 10u);  // half a share
  sizing.per_evaluation = Seconds(30);
  EXPECT_EQ(LeaseSize(sizing), 1u);
  sizing.asked = 64;
  EXPECT_EQ(LeaseSize(sizing), 64u);
}

TEST(WorkerTable, Measure_PrefetchedLeaseCountsFromTheLastTell) {
  WorkerTable workers(10);
  workers.Measure("w", Seconds(0), 10, Seconds(10));
  EXPECT_EQ(workers.See("w", Seconds(10)).per_evaluation, Seconds(1));
  workers.Measure("w", Seconds(0), 10, Seconds(20));  // held since 0, begun at 10
  EXPECT_EQ(workers.See("w", Seconds(20)).per_evaluation, Seconds(1));
}

TEST(WorkerTable, Limit_ForgetsTheLongestUnseen) {
  WorkerTable workers(2);
  workers.Measure("a", Seconds(0), 1, Seconds(1));
  workers.See("b", Seconds(2));
  workers.See("a", Seconds(3));
  workers.See("c", Seconds(4));
  EXPECT_EQ(workers.size(), 2u);
  EXPECT_GT(workers.See("a", Seconds(5)).per_evaluation, Seconds(0));
  EXPECT_EQ(workers.Active(Seconds(5)), 2u);
  EXPECT_EQ(workers.Active(Seconds(100)), 1u);
}

TEST(LeaseSizing, WholeRows_EndWithARow) {
  EXPECT_EQ(WholeRows(0, 40, 16, 1000), 32u);
  EXPECT_EQ(WholeRows(8, 40, 16, 1000), 40u);
  EXPECT_EQ(WholeRows(8, 41, 16, 1000), 40u);
  EXPECT_EQ(WholeRows(5, 3, 16, 1000), 11u) << "up to the end of the first";
  EXPECT_EQ(WholeRows(5, 3, 16, 10), 3u) << "which is too much";
  EXPECT_EQ(WholeRows(7, 5, 1, 1000), 5u);
}

}  // namespace
}  // namespace polystep
