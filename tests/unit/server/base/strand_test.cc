#include "server/base/strand.h"

#include <gtest/gtest.h>

#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/base/thread_pool.h"
#include "tests/unit/server/base/held_executor.h"

namespace polystep {
namespace {

TEST(StrandTest, ManyPosters_TasksRunOneAtATimeInEachPostersOrder) {
  constexpr int kPosters = 4, kTasks = 1000;
  std::vector<std::vector<int>> seen(kPosters);  // touched by the strand's tasks only
  {
    ThreadPoolExecutor pool(3);
    Strand strand(&pool);
    std::vector<std::thread> posters;
    for (int p = 0; p < kPosters; ++p) {
      posters.emplace_back([&, p] {
        for (int i = 0; i < kTasks; ++i) strand.Post([&seen, p, i] { seen[p].push_back(i); });
      });
    }
    for (std::thread& poster : posters) poster.join();
    pool.Shutdown();
  }
  for (const std::vector<int>& order : seen) {
    ASSERT_EQ(order.size(), kTasks);
    for (int i = 0; i < kTasks; ++i) ASSERT_EQ(order[i], i);
  }
}

TEST(StrandTest, Post_NeverRunsInsideTheCall) {
  HeldExecutor executor;
  Strand strand(&executor);
  std::vector<int> order;
  strand.Post([&] {
    strand.Post([&] { order.push_back(2); });
    order.push_back(1);
  });
  EXPECT_TRUE(order.empty());
  executor.RunQueued();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(StrandTest, Dispatch_Idle_RunsInsideTheCall) {
  HeldExecutor executor;
  executor.may_run_here = true;
  Strand strand(&executor);
  std::vector<int> order;
  strand.Dispatch([&] {
    strand.Dispatch([&] { order.push_back(2); });  // the strand is busy: later
    order.push_back(1);
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(executor.RunQueued(), 0);
}

TEST(StrandTest, Dispatch_BehindOtherTasks_KeepsTheOrder) {
  HeldExecutor executor;
  executor.may_run_here = true;
  Strand strand(&executor);
  std::vector<int> order;
  strand.Post([&] { order.push_back(1); });
  strand.Dispatch([&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  executor.RunQueued();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(StrandTest, Dispatch_TaskThatPostsWithoutEnd_GivesTheThreadBack) {
  HeldExecutor executor;
  executor.may_run_here = true;
  Strand strand(&executor);
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    strand.Post(again);
  };
  strand.Dispatch(again);
  EXPECT_GT(runs, 0);
  EXPECT_LT(runs, 10);
  EXPECT_EQ(executor.RunQueued(), 1);
  executor.Drop();
}

TEST(StrandTest, Dispatch_ExecutorRefuses_IsPosted) {
  HeldExecutor executor;
  Strand strand(&executor);
  int runs = 0;
  strand.Dispatch([&] { ++runs; });
  EXPECT_EQ(runs, 0);
  executor.RunQueued();
  EXPECT_EQ(runs, 1);
}

TEST(StrandTest, DestroyedWithTasksQueued_TheyStillRun) {
  HeldExecutor executor;
  auto strand = std::make_optional<Strand>(&executor);
  int runs = 0;
  strand->Post([&] { ++runs; });
  strand->Post([&] {
    strand.reset();
    ++runs;
  });
  strand->Post([&] { ++runs; });
  executor.RunQueued();
  EXPECT_EQ(runs, 3);
}

TEST(StrandTest, LongQueue_GivesWayToOthers) {
  HeldExecutor executor;
  Strand strand(&executor);
  int runs = 0;
  for (int i = 0; i < 100; ++i) strand.Post([&] { ++runs; });
  EXPECT_EQ(executor.RunQueued(), 1);
  EXPECT_GT(runs, 0);
  EXPECT_LT(runs, 100);
  while (executor.RunQueued() > 0) {
  }
  EXPECT_EQ(runs, 100);
}

TEST(StrandTest, ExecutorDropsTheTurn_TasksThatOwnTheirStrandAreFreed) {
  HeldExecutor executor;
  auto strand = std::make_shared<Strand>(&executor);
  std::weak_ptr<Strand> alive = strand;
  strand->Post([strand] { ADD_FAILURE() << "ran"; });
  strand.reset();
  EXPECT_FALSE(alive.expired());
  executor.Drop();
  EXPECT_TRUE(alive.expired());
}

}  // namespace
}  // namespace polystep
