#include "server/base/beside.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <utility>

#include "server/base/thread_pool.h"

namespace polystep {
namespace {

// Keeps what is posted until it is told to run it.
class Later : public Executor {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void PostAfter(absl::Duration, Task task) override { Post(std::move(task)); }
  void RunAll() {
    while (!tasks_.empty()) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      std::move(task)();
    }
  }

 private:
  std::deque<Task> tasks_;
};

TEST(RunBesideTest, NoThreadIsFree_RunsBothHereOnce) {
  Later executor;
  int others = 0, here = 0;
  RunBeside(
      executor, [&] { ++others; }, [&] { ++here; });
  EXPECT_EQ(others, 1);
  EXPECT_EQ(here, 1);
  executor.RunAll();
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
