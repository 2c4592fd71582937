#include "server/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace polystep {
namespace {

TEST(ThreadPoolTest, Post_RunsOnAnotherThread) {
  ThreadPoolExecutor pool(1);
  std::latch done(1);
  std::thread::id where;
  pool.Post([&] {
    where = std::this_thread::get_id();
    done.count_down();
  });
  done.wait();
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(ThreadPoolTest, Post_TwoThreadsRunConcurrently) {
  ThreadPoolExecutor pool(2);
  std::latch both(2);
  std::latch done(2);
  for (int i = 0; i < 2; ++i) {
    pool.Post([&] {
      both.arrive_and_wait();  // passes only if both tasks run at once
      done.count_down();
    });
  }
  done.wait();
}

TEST(ThreadPoolTest, Shutdown_RunsQueuedTasksAndWhatTheyPost) {
  std::atomic<int> runs = 0;
  ThreadPoolExecutor pool(2);
  for (int i = 0; i < 100; ++i) {
    pool.Post([&] {
      ++runs;
      pool.Post([&] { ++runs; });
    });
  }
  pool.Shutdown();
  EXPECT_EQ(runs, 200);
}

TEST(ThreadPoolTest, PostAfterShutdown_DestroysTheTask) {
  ThreadPoolExecutor pool(1);
  pool.Shutdown();
  auto held = std::make_shared<int>(0);
  bool ran = false;
  pool.Post([&ran, held] { ran = true; });
  pool.PostAfter(absl::Milliseconds(1), [&ran, held] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadPoolTest, PostAfter_RunsInOrderOfDueTime) {
  ThreadPoolExecutor pool(1);
  std::latch done(3);
  std::vector<int> order;
  pool.PostAfter(absl::Milliseconds(30), [&] { order.push_back(3), done.count_down(); });
  pool.PostAfter(absl::Milliseconds(10), [&] { order.push_back(1), done.count_down(); });
  pool.PostAfter(absl::Milliseconds(10), [&] { order.push_back(2), done.count_down(); });
  done.wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(ThreadPoolTest, PostAfter_NotBeforeItsTime) {
  ThreadPoolExecutor pool(1);
  std::latch done(1);
  auto start = std::chrono::steady_clock::now();
  pool.PostAfter(absl::Milliseconds(20), [&] { done.count_down(); });
  done.wait();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(20));
}

TEST(ThreadPoolTest, PostAfterZeroOrLess_RunsLikePost) {
  ThreadPoolExecutor pool(1);
  std::latch done(2);
  pool.PostAfter(absl::ZeroDuration(), [&] { done.count_down(); });
  pool.PostAfter(-absl::InfiniteDuration(), [&] { done.count_down(); });
  done.wait();
}

TEST(ThreadPoolTest, Shutdown_DropsDelayedTasks) {
  auto held = std::make_shared<int>(0);
  {
    ThreadPoolExecutor pool(1);
    pool.PostAfter(absl::InfiniteDuration(), [held] { ADD_FAILURE() << "ran"; });
    pool.PostAfter(absl::Hours(1), [held] { ADD_FAILURE() << "ran"; });
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadPoolTest, ManyThreadsPosting_EveryTaskRunsOnce) {
  std::atomic<int> runs = 0;
  {
    ThreadPoolExecutor pool(3);
    std::vector<std::thread> posters;
    for (int i = 0; i < 4; ++i) {
      posters.emplace_back([&] {
        for (int j = 0; j < 500; ++j) pool.Post([&] { ++runs; });
      });
    }
    for (std::thread& poster : posters) poster.join();
  }
  EXPECT_EQ(runs, 2000);
}

}  // namespace
}  // namespace polystep
