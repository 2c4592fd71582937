#include "server/base/beside.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server/base/thread_pool.h"
#include "tests/unit/server/base/held_executor.h"

namespace polystep {
namespace {

TEST(RunBesideTest, NoThreadIsFree_RunsBothHereOnce) {
  HeldExecutor executor;
  int others = 0, here = 0;
  RunBeside(
      executor, [&] { ++others; }, [&] { ++here; });
  EXPECT_EQ(others, 1);
  EXPECT_EQ(here, 1);
  executor.RunQueued();
  EXPECT_EQ(others, 1) << "too late for it";
}

TEST(RunBesideTest, TheExecutorBeginsFirst_RunsThereAndIsWaitedFor) {
  ThreadPoolExecutor executor(1);
  std::atomic<bool> begun = false, go = false;
  std::thread::id there;
  int written = 0;
  RunBeside(
      executor,
      [&] {
        there = std::this_thread::get_id();
        begun = true;
        while (!go) std::this_thread::yield();
        written = 7;
      },
      [&] {
        while (!begun) std::this_thread::yield();
        go = true;
      });
  EXPECT_EQ(written, 7);
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST(RunBesideTest, EveryThreadDoesItAtOnce_NoneWaitsForEver) {
  ThreadPoolExecutor executor(2);
  std::atomic<int> runs = 0, ended = 0;
  for (int i = 0; i < 1000; ++i) {
    executor.Post([&] {
      RunBeside(
          executor, [&] { ++runs; }, [&] { ++runs; });
      ++ended;
    });
  }
  executor.Shutdown();
  EXPECT_EQ(ended, 1000);
  EXPECT_EQ(runs, 2000);
}

}  // namespace
}  // namespace polystep
