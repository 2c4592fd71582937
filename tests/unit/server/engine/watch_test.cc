// Rows of steps, watches, solutions and draining.
#include <gtest/gtest.h>

#include "server/engine/limits.h"
#include "server/engine/records.h"
#include "server/engine/status.h"
#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

class WatchTest : public EngineTest {
 protected:
  WatchTest() { EXPECT_TRUE(Create(Params()).ok()); }

  struct Seen {
    std::vector<int64_t> steps;
    std::vector<StudyState> states;
    absl::Status error;
    bool gone = false;
    int most = 1'000'000;
  };
  std::shared_ptr<Seen> Watch(int64_t after) {
    auto seen = std::make_shared<Seen>();
    engine_->WatchStudy(
        "study", after, [seen] { return seen->gone; },
        [seen](absl::StatusOr<Engine::WatchUpdate> update) {
          if (!update.ok()) {
            seen->error = update.status();
            return false;
          }
          for (const StepRow& row : update->steps) seen->steps.push_back(row.summary.step);
          seen->states.push_back(update->study.state);
          return static_cast<int>(seen->states.size()) < seen->most;
        });
    Run(absl::Milliseconds(10));
    return seen;
  }
  absl::StatusOr<std::vector<StepRow>> List(int64_t first, int limit) {
    return Await<std::vector<StepRow>>([&](Callback<std::vector<StepRow>> done) {
      engine_->ListSteps("study", first, limit, std::move(done));
    });
  }
};

TEST_F(WatchTest, Steps_AsTheyClose_UntilTheEnd) {
  auto seen = Watch(-1);
  EXPECT_EQ(seen->states.size(), 1u);
  CloseStepsUpTo(3);
  EXPECT_EQ(seen->steps, (std::vector<int64_t>{0, 1, 2}));
  ASSERT_TRUE(Control(&Engine::PauseStudy).ok());
  EXPECT_EQ(seen->states.back(), StudyState::kPaused);
  ASSERT_TRUE(Control(&Engine::StopStudy).ok());
  EXPECT_EQ(seen->states.back(), StudyState::kStopped);
  EXPECT_EQ(seen->steps.size(), 3u);
}

TEST_F(WatchTest, PastSteps_AreReadFirst_EachOnce) {
  const int64_t steps = limits::kRecentSteps + 300;
  CloseStepsUpTo(steps);
  Restart();
  auto seen = Watch(4);
  Run(absl::Milliseconds(100));
  ASSERT_EQ(seen->steps.size(), static_cast<size_t>(steps - 5));
  for (size_t i = 0; i < seen->steps.size(); ++i) {
    EXPECT_EQ(seen->steps[i], static_cast<int64_t>(i) + 5);
  }
  CloseStepsUpTo(steps + 2);
  EXPECT_EQ(seen->steps.back(), steps + 1);
}

TEST_F(WatchTest, FinishedStudy_GivesWhatThereIsAndEnds) {
  CloseStepsUpTo(2);
  ASSERT_TRUE(Control(&Engine::StopStudy).ok());
  auto seen = Watch(-1);
  EXPECT_EQ(seen->steps.size(), 2u);
  EXPECT_EQ(seen->states, std::vector<StudyState>{StudyState::kStopped});
}

TEST_F(WatchTest, WatcherThatReturnsFalse_IsNotCalledAgain) {
  auto seen = Watch(-1);
  seen->most = 2;
  CloseStepsUpTo(4);
  EXPECT_EQ(seen->states.size(), 2u);
}

TEST_F(WatchTest, DeletedStudy_NotFound) {
  auto seen = Watch(-1);
  engine_->DeleteStudy("study", "", [](absl::StatusOr<std::monostate>) {});
  Run(absl::Milliseconds(50));
  EXPECT_EQ(seen->error.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Watch(-1)->error.code(), absl::StatusCode::kNotFound);
}

TEST_F(WatchTest, Limit_IsAnError) {
  std::vector<std::shared_ptr<Seen>> watches;
  for (size_t i = 0; i < limits::kWatchers; ++i) watches.push_back(Watch(-1));
  for (const auto& watch : watches) EXPECT_TRUE(watch->error.ok());
  EXPECT_EQ(Watch(-1)->error.code(), absl::StatusCode::kResourceExhausted);
  watches[3]->gone = true;
  EXPECT_TRUE(Watch(-1)->error.ok());
}

TEST_F(WatchTest, ListSteps_PagesFromStoreAndMemory) {
  const int64_t steps = limits::kRecentSteps + 20;
  CloseStepsUpTo(steps);
  absl::StatusOr<std::vector<StepRow>> rows = List(10, 15);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 15u);
  EXPECT_EQ(rows->front().summary.step, 10);
  EXPECT_EQ(rows->back().summary.step, 24);
  EXPECT_EQ(List(steps - 1, 10)->size(), 1u);
  EXPECT_EQ(List(steps, 10)->size(), 0u);
  EXPECT_EQ(List(0, 100'000)->size(), static_cast<size_t>(steps));
  EXPECT_EQ(List(steps - 1, 1)->front().digest, Get()->trajectory_digest);
}

// eta = 0.2 * 0.2 / (2 * 4 * 5) in blocks of two.
TEST_F(EngineTest, ListSteps_RowsHaveTheEffectiveRadiiAndRate) {
  CreateStudyParams params = Params();
  OptimizerSpec& optimizer = params.spec.search.optimizer;
  optimizer = OptimizerSpec();
  optimizer.method = Method::kBlock;
  optimizer.probes = 2;
  optimizer.epsilon = Schedule{Schedule::Kind::kConstant, 4.0};
  optimizer.step_radius = Schedule{Schedule::Kind::kConstant, 0.2};
  optimizer.probe_radius = Schedule{Schedule::Kind::kConstant, 0.4};
  optimizer.loss_scale = LossScale::kConstant;
  optimizer.loss_scale_constant = 5.0;
  ASSERT_TRUE(Create(params).ok());
  CloseStepsUpTo(2);
  const auto rows = Await<std::vector<StepRow>>([&](Callback<std::vector<StepRow>> done) {
    engine_->ListSteps("study", 0, 9, std::move(done));
  });
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2u);
  for (const StepRow& row : *rows) {
    EXPECT_EQ(row.summary.step_radius, 0.2);
    EXPECT_NEAR(row.summary.probe_distance, 0.2, 1e-15);  // probes at 1/3 and 2/3 of 0.4
    EXPECT_NEAR(row.summary.linear_rate, 0.001, 1e-15);
  }
}

TEST_F(WatchTest, Solution_BestAndCenter) {
  auto solution = [&](Engine::SolutionKind kind) {
    return Await<Engine::SolutionView>([&](Callback<Engine::SolutionView> done) {
      engine_->GetSolution("study", kind, std::move(done));
    });
  };
  EXPECT_EQ(solution(Engine::SolutionKind::kBest).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(solution(Engine::SolutionKind::kCenter)->point.parameters.size(), 2u);
  CloseStepsUpTo(1);
  EXPECT_EQ(solution(Engine::SolutionKind::kBest)->loss, 0.5);
  EXPECT_EQ(solution(Engine::SolutionKind::kBest)->point, Get()->best->point);
}

TEST_F(WatchTest, Drain_AnswersPollsTakesTellsAndSnapshots) {
  LeaseGrant lease = MustLease(AskOf("w"));
  std::optional<absl::StatusOr<AskResult>> held;
  AskParams params = AskOf("v");
  params.wait = absl::Seconds(30);
  engine_->Ask(
      params, [] { return false; }, [&](auto result) { held = std::move(result); });
  Run(absl::Milliseconds(5));
  std::optional<absl::Status> drained;
  engine_->Drain([&](absl::Status status) { drained = status; });
  Run(absl::Milliseconds(100));
  ASSERT_TRUE(drained.has_value());
  EXPECT_TRUE(drained->ok()) << *drained;
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(GetReason(held->status()), reason::kDraining);
  EXPECT_EQ(Ask(AskOf("w")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Create(Params("other")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(storage_.History(Get()->uid)->snapshot.has_value());
  TellParams tell = TellOf(lease);
  tell.next = AskOf("w");
  absl::StatusOr<TellResult> told = Tell(tell);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_FALSE(told->next.has_value());
  Restart();
  EXPECT_EQ(Get()->step, 1);
}

TEST_F(WatchTest, DamagedLog_RefusesToServeSayingWhere) {
  CloseStepsUpTo(2);
  std::string uid = Get()->uid;
  StepRow row = List(1, 1)->front();
  row.digest = std::string(64, '0');
  storage_.Commit({PutStep{uid, {1, EncodeStepRow(row)}}}, [](absl::Status) {});
  Run(absl::Milliseconds(50));
  Restart();
  EXPECT_EQ(recovered_.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(recovered_.message()).find("\"study\""), std::string::npos) << recovered_;
  EXPECT_NE(std::string(recovered_.message()).find("step 1"), std::string::npos) << recovered_;
}

}  // namespace
}  // namespace polystep
