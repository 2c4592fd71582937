#include "tests/sim/crashable_storage.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace polystep {
namespace {

// Runs tasks in the order of their times, on the test's thread.
class TimedExecutor : public Executor {
 public:
  void Post(Task task) override { PostAfter(absl::ZeroDuration(), std::move(task)); }
  void PostAfter(absl::Duration delay, Task task) override {
    tasks_.emplace(now_ + delay, std::move(task));
  }
  bool RunOne() {
    if (tasks_.empty()) return false;
    auto first = tasks_.begin();
    now_ = first->first;
    Task task = std::move(first->second);
    tasks_.erase(first);
    task();
    return true;
  }
  void RunAll() {
    while (RunOne()) {
    }
  }

 private:
  absl::Duration now_;
  std::multimap<absl::Duration, Task> tasks_;
};

PutStudy Study(std::string uid) { return {{.uid = uid, .id = "id-" + uid, .bytes = "spec"}}; }
AppendAnswers Answers(std::string uid, int64_t step, std::string bytes) {
  return {std::move(uid), {step, std::move(bytes)}};
}

class CrashableStorageTest : public testing::Test {
 protected:
  void Commit(std::vector<Mutation> mutations) {
    storage_.Commit(std::move(mutations),
                    [this](absl::Status status) { results_.push_back(std::move(status)); });
  }

  TimedExecutor executor_;
  CrashableStorage storage_{{.seed = 7}, &executor_};
  std::vector<absl::Status> results_;
};

TEST_F(CrashableStorageTest, Commit_IsNeitherSeenNorAcknowledgedInsideTheCall) {
  Commit({Study("a")});
  EXPECT_TRUE(results_.empty());
  EXPECT_TRUE(storage_.Studies()->empty());
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_TRUE(results_[0].ok());
  EXPECT_EQ(storage_.Studies()->size(), 1u);
}

TEST_F(CrashableStorageTest, CrashBeforeTheCommit_LosesTheUnitAndItsCallback) {
  auto held = std::make_shared<int>(0);
  storage_.Commit({Study("a")}, [held](absl::Status) { FAIL() << "ran"; });
  storage_.Crash();
  EXPECT_EQ(held.use_count(), 1);
  executor_.RunAll();
  EXPECT_TRUE(storage_.Studies()->empty());
}

TEST_F(CrashableStorageTest, CrashBetweenCommitAndAcknowledgement_KeepsTheUnit) {
  Commit({Study("a")});
  ASSERT_TRUE(executor_.RunOne());
  storage_.Crash();
  executor_.RunAll();
  EXPECT_TRUE(results_.empty());
  EXPECT_EQ(storage_.Studies()->size(), 1u);
}

TEST_F(CrashableStorageTest, CommitAfterCrash_Works) {
  Commit({Study("a")});
  storage_.Crash();
  Commit({Study("b")});
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(storage_.Studies()->at(0).uid, "b");
}

TEST_F(CrashableStorageTest, BadUnit_FailsAloneAndWhole) {
  Commit({Study("a")});
  Commit({Answers("a", 0, "lost"), Answers("unknown", 0, "x")});
  Commit({Answers("a", 0, "kept")});
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 3u);
  EXPECT_TRUE(absl::IsNotFound(results_[1])) << results_[1];
  EXPECT_TRUE(results_[2].ok());
  ASSERT_EQ(storage_.History("a")->answers.size(), 1u);
  EXPECT_EQ(storage_.History("a")->answers[0].bytes, "kept");
}

TEST_F(CrashableStorageTest, History_StartsAtTheSnapshot) {
  Commit({Study("a"), Answers("a", 0, "0"), PutStep{"a", {0, "s0"}}, Answers("a", 1, "1"),
          PutSnapshot{"a", {1, "state"}}});
  executor_.RunAll();
  auto history = storage_.History("a");
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->snapshot->bytes, "state");
  ASSERT_EQ(history->answers.size(), 1u);
  EXPECT_EQ(history->answers[0].bytes, "1");
  EXPECT_TRUE(history->steps.empty());
  EXPECT_EQ(storage_.Steps("a", 0, 10)->size(), 1u);
}

TEST_F(CrashableStorageTest, Fail_StopsWritingUntilTheNextCrash) {
  storage_.Fail(absl::UnavailableError("disk full"));
  Commit({Study("a")});
  executor_.RunAll();
  EXPECT_TRUE(absl::IsUnavailable(results_.at(0)));
  EXPECT_TRUE(storage_.Studies()->empty());
  storage_.Crash();
  Commit({Study("a")});
  executor_.RunAll();
  EXPECT_TRUE(results_.at(1).ok());
}

}  // namespace
}  // namespace polystep
