#include "server/engine/lease_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

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
  table_.Withhold(0, 1);
  EXPECT_EQ(table_.Next(100).first, 1u);
  Answers answers;
  answers.Add({AnswerKind::kLoss, 0, 1.0});
  for (uint32_t index : ledger_.Revert(answers)) table_.Reoffer(index);
  EXPECT_EQ(table_.Next(100).first, 0u);
}

TEST_F(LeaseTableTest, Slow_OldestOfAnotherWorkerWithoutBackup) {
  Grant(10, "slow");
  Lease& unknown = Grant(4, "quick");
  EXPECT_EQ(table_.NextSlow(), absl::InfiniteDuration()) << "nothing is known yet";
  table_.Expect({.evaluation = absl::Milliseconds(400), .lease = Seconds(1)});
  EXPECT_EQ(table_.NextSlow(), Seconds(3.2));
  EXPECT_EQ(unknown.slow_at, Seconds(3.2));
  table_.PassTime(Seconds(3.1));
  EXPECT_EQ(table_.Slow("v"), nullptr);
  table_.PassTime(Seconds(4));
  EXPECT_EQ(table_.Slow("v")->worker, "quick");
  EXPECT_EQ(table_.slow_count(), 1u);
  EXPECT_EQ(table_.NextSlow(), Seconds(8));
  table_.PassTime(Seconds(8));
  Lease* slow = table_.Slow("quick");
  ASSERT_NE(slow, nullptr);
  EXPECT_EQ(slow->worker, "slow");
  Answer(0, 2);
  IndexRange run = table_.OpenRun(*slow, 5);
  EXPECT_EQ(run.first, 2u);
  EXPECT_EQ(run.count, 5u);
  Lease& backup = GrantRange(run, "quick");
  table_.Pair(*slow, backup);
  EXPECT_TRUE(backup.backup);
  EXPECT_EQ(table_.Slow("quick"), nullptr);
  EXPECT_EQ(table_.Slow("slow")->worker, "quick");  // not of its own
  Answer(10, 4);
  EXPECT_EQ(table_.slow_count(), 0u) << "what is answered needs no backup";
  table_.Release(backup.id);
  table_.PassTime(Seconds(8));
  EXPECT_EQ(table_.Slow("v")->worker, "slow") << "its backup was given up";
}

TEST_F(LeaseTableTest, Cut_OffersTheRestOfASlowLease) {
  Lease& slow = Grant(10, "slow");
  Answer(8, 1);
  table_.Cut(slow, 2);
  EXPECT_EQ(slow.unanswered, 2u);
  EXPECT_EQ(table_.available(), 11u);  // 2 to 7, 9 and the second segment
  EXPECT_EQ(table_.Next(100).first, 2u);
  Answer(0, 10);  // by its own worker, which does not know
  EXPECT_EQ(slow.unanswered, 0u);
  EXPECT_EQ(table_.Next(100).first, 10u);
}

TEST_F(LeaseTableTest, Expiry_FollowsWhatItIsSetTo) {
  Lease& first = Grant(2);
  Lease& second = Grant(2);
  EXPECT_EQ(table_.NextExpiry(), Seconds(60));
  table_.SetExpiry(first, Seconds(90));
  table_.SetExpiry(second, Seconds(80));
  EXPECT_EQ(table_.NextExpiry(), Seconds(80));
  EXPECT_EQ(table_.Expired(Seconds(85)), (std::vector<uint64_t>{second.id}));
  table_.Release(second.id);
  EXPECT_EQ(table_.NextExpiry(), Seconds(90));
  table_.Release(first.id);
  EXPECT_EQ(table_.NextExpiry(), absl::InfiniteDuration());
}

TEST_F(LeaseTableTest, FindRequest_OnlyWhileTheLeaseIsOut) {
  Lease lease;
  lease.id = 7;
  lease.worker = "w";
  lease.request_id = "r";
  lease.count = 3;
  table_.Grant(lease);
  ASSERT_NE(table_.FindRequest("w", "r"), nullptr);
  EXPECT_EQ(table_.FindRequest("v", "r"), nullptr);
  EXPECT_EQ(table_.FindRequest("w", ""), nullptr);
  table_.Release(7);
  EXPECT_EQ(table_.FindRequest("w", "r"), nullptr);
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
  EXPECT_EQ(set.size(), 12u);
  set.Remove(3, 2);
  EXPECT_EQ(set.Lowest().count, 3u);
  EXPECT_FALSE(set.Contains(3));
  EXPECT_FALSE(set.Contains(4));
  EXPECT_TRUE(set.Contains(5));
  EXPECT_EQ(set.size(), 10u);
  set.Remove(0, 100);
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.size(), 0u);
}

TEST(LeaseSize, Bounds) {
  LeaseSizing sizing;
  sizing.available = 10'000;
  EXPECT_EQ(LeaseSize(sizing), 1u);  // unknown worker
  sizing.per_evaluation = sizing.typical = absl::Milliseconds(10);
  EXPECT_EQ(LeaseSize(sizing), 8u);  // grows by eight
  sizing.largest_finished = 1000;
  EXPECT_EQ(LeaseSize(sizing), 200u);  // two seconds
  sizing.available = 100;
  sizing.active_workers = 5;
  EXPECT_EQ(LeaseSize(sizing), 10u);  // half a share
  sizing.per_evaluation = absl::Milliseconds(40);
  EXPECT_EQ(LeaseSize(sizing), 2u);  // a quarter of that for who is four times slower
  sizing.per_evaluation = Seconds(30);
  EXPECT_EQ(LeaseSize(sizing), 1u);
  sizing.asked = 64;
  EXPECT_EQ(LeaseSize(sizing), 64u);
}

TEST(LeaseSize, OfShortEvaluations_IsWorthItsCalls) {
  LeaseSizing sizing;
  sizing.per_evaluation = sizing.typical = absl::Microseconds(20);
  sizing.largest_finished = 1000;
  sizing.available = 10'000;
  EXPECT_EQ(LeaseSize(sizing), 5000u);
  sizing.available = 150;
  EXPECT_EQ(LeaseSize(sizing), 100u);  // two milliseconds, not half a share
  sizing.available = 40;
  EXPECT_EQ(LeaseSize(sizing), 40u);
  sizing.per_evaluation = absl::Microseconds(200);  // ten times slower than is typical
  EXPECT_EQ(LeaseSize(sizing), 10u);
  sizing.largest_finished = 1;
  EXPECT_EQ(LeaseSize(sizing), 8u);
}

// Rounds of equal evaluations that a step takes if whoever is free asks again.
uint32_t Rounds(uint32_t workers, uint32_t evaluations) {
  LeaseSizing sizing;
  sizing.active_workers = workers;
  sizing.per_evaluation = sizing.typical = absl::Milliseconds(10);
  sizing.largest_finished = 1000;
  std::vector<uint32_t> busy(workers, 0);  // rounds
  while (evaluations > 0) {
    uint32_t& free = *std::min_element(busy.begin(), busy.end());
    sizing.available = evaluations;
    const uint32_t size = std::min(evaluations, LeaseSize(sizing));
    free += size;
    evaluations -= size;
  }
  return *std::max_element(busy.begin(), busy.end());
}

TEST(LeaseSize, TailOfAStep_EndsInFullRounds) {
  EXPECT_EQ(Rounds(64, 64 * 32), 32u);
  EXPECT_EQ(Rounds(16, 16 * 20), 20u);
  EXPECT_EQ(Rounds(15, 16 * 20), 22u);
  EXPECT_EQ(Rounds(256, 256 * 32), 32u);
  EXPECT_EQ(Rounds(7, 1000), 143u);
  EXPECT_EQ(Rounds(1, 500), 500u);
}

TEST(SlowAfter, FollowsWhatIsMeasured) {
  EXPECT_EQ(SlowAfter(3, {}), absl::InfiniteDuration());
  EXPECT_EQ(SlowAfter(3, {.evaluation = absl::Microseconds(1), .lease = absl::ZeroDuration()}),
            absl::Milliseconds(10));
  EXPECT_EQ(SlowAfter(3, {.evaluation = Seconds(1), .lease = Seconds(2)}), Seconds(6));
  // Many slots: an evaluation takes longer than its share of the worker's time.
  EXPECT_EQ(SlowAfter(1, {.evaluation = absl::Milliseconds(10), .lease = Seconds(1)}), Seconds(2));
}

TEST(WorkerTable, Typical_IsNotMovedByStragglers) {
  WorkerTable workers(10);
  absl::Duration now;
  for (int i = 0; i < 10; ++i) {
    workers.Measure("slow", now, 1, now + Seconds(1));
    for (int k = 0; k < 5; ++k) {
      workers.Measure("quick", now, 10, now + absl::Milliseconds(100));
      workers.Finish("quick", now, 10, now + absl::Milliseconds(100));
      now += absl::Milliseconds(100);
    }
    now += Seconds(1);
  }
  EXPECT_LT(workers.typical().evaluation, absl::Milliseconds(50));
  EXPECT_EQ(workers.typical().lease, absl::Milliseconds(100));
  EXPECT_TRUE(workers.IsSlow(workers.See("slow", now)));
  EXPECT_FALSE(workers.IsSlow(workers.See("quick", now)));
  EXPECT_FALSE(workers.IsSlow(workers.See("new", now)));
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
  EXPECT_EQ(workers.Active(Seconds(64.5)), 1u);  // "c" was last seen over a minute ago
  EXPECT_EQ(workers.Active(Seconds(100)), 1u);
  workers.See("d", Seconds(100));
  workers.See("a", Seconds(100));
  EXPECT_EQ(workers.Active(Seconds(100)), 2u);
  EXPECT_EQ(workers.size(), 2u);
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
