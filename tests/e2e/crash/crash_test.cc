// One study, run three ways: by one worker, by eight unruly ones, and by eight unruly ones under a
// server that is killed ten times. The optimizer must not notice.
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <random>
#include <utility>

#include "tests/e2e/crash/reference_study.h"
#include "tests/e2e/crash/study_run.h"

namespace polystep {
namespace {

constexpr int kKills = 10;

StudyRun::Options Reference(int workers, bool unruly) {
  StudyRun::Options options;
  options.spec = ReferenceStudy();
  options.simulator = ReferenceLoss;
  options.workers = workers;
  options.unruly = unruly;
  return options;
}

struct Course {
  v1::Study study;
  std::vector<std::string> digests;
};

double RealLoss(const client::Candidate& candidate) {
  double loss = 0;
  for (float value : candidate.values()) loss += (value - 0.3) * (value - 0.3);
  return loss;
}

v1::StudySpec RealStudy() {
  v1::StudySpec spec = BitStudy();
  spec.mutable_tensors(0)->set_kind(v1::TensorSpec::REAL);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
  return spec;
}

// The reference is one orderly worker without disturbance, run once for all tests.
class CrashTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    StudyRun run(Reference(1, /*unruly=*/false));
    run.Begin();
    if (HasFatalFailure()) return;
    v1::Study study = run.Finish();
    undisturbed_ = new Course{study, run.digests()};
  }
  static void TearDownTestSuite() { delete std::exchange(undisturbed_, nullptr); }
  void SetUp() override { ASSERT_NE(undisturbed_, nullptr) << "there is nothing to compare with"; }

  static void ExpectSameCourse(StudyRun& run) {
    v1::Study study = run.Finish();
    EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
    EXPECT_EQ(study.step(), undisturbed_->study.step());
    EXPECT_EQ(study.evaluations(), undisturbed_->study.evaluations());
    EXPECT_EQ(study.trajectory_digest(), undisturbed_->study.trajectory_digest());
    EXPECT_EQ(study.best().SerializeAsString(), undisturbed_->study.best().SerializeAsString());
    EXPECT_EQ(study.counters().conflicting(), 0);
    EXPECT_EQ(run.log().Sum().conflicting(), 0u);
    EXPECT_EQ(run.digests(), undisturbed_->digests);
  }

  static inline Course* undisturbed_ = nullptr;
};

TEST_F(CrashTest, OneWorker_Succeeds) {
  const v1::Study& study = undisturbed_->study;
  EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
  EXPECT_EQ(study.step(), kReferenceSteps);
  EXPECT_GT(study.evaluations(), kReferenceSteps);
  EXPECT_EQ(study.trajectory_digest(), undisturbed_->digests.back());
  EXPECT_EQ(undisturbed_->digests.size(), static_cast<size_t>(kReferenceSteps));
}

TEST_F(CrashTest, EightUnrulyWorkers_SameCourse) {
  StudyRun run(Reference(8, /*unruly=*/true));
  ASSERT_NO_FATAL_FAILURE(run.Begin());
  ExpectSameCourse(run);
  EXPECT_GT(run.log().Sum().duplicate() + run.log().Sum().stale(), 0u);
}

TEST_F(CrashTest, TenKills_SameCourseAndNothingAcknowledgedIsLost) {
  uint32_t seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  StudyRun run(Reference(8, /*unruly=*/true));
  ASSERT_NO_FATAL_FAILURE(run.Begin());
  for (int kill = 0; kill < kKills && !HasFatalFailure(); ++kill) {
    int64_t step = kill * kReferenceSteps / (kKills + 1);
    EXPECT_TRUE(run.log().WaitFor(step, random() % 20)) << "ended before kill " << kill;
    run.server().Kill();
    // Now and then the next one is killed in the middle of its recovery, too.
    if (kill % 3 == 2) run.Restart(absl::Microseconds(random() % 30'000));
    run.Restart();
    if (!HasFatalFailure()) run.TellAllAgain();
    if (!HasFatalFailure()) run.LetIn();
  }
  if (HasFatalFailure()) return run.GiveUp();
  ExpectSameCourse(run);
  run.TellAllAgain();
}

// A server that is asked to stop takes a snapshot: the next one begins there, not at the first
// step.
TEST_F(CrashTest, StopsAndKillsInTurn_SameCourse) {
  StudyRun run(Reference(8, /*unruly=*/true));
  ASSERT_NO_FATAL_FAILURE(run.Begin());
  for (int stop = 0; stop < 6 && !HasFatalFailure(); ++stop) {
    EXPECT_TRUE(run.log().WaitFor(stop * kReferenceSteps / 7, 5)) << "ended before stop " << stop;
    if (stop % 2 == 0) {
      EXPECT_EQ(run.server().Stop(SIGTERM), 0) << run.server_log();
    } else {
      run.server().Kill();
    }
    run.Restart();
    if (!HasFatalFailure()) run.TellAllAgain();
    if (!HasFatalFailure()) run.LetIn();
  }
  if (HasFatalFailure()) return run.GiveUp();
  ExpectSameCourse(run);
}

// Block-encoded leases: what they mean is fetched apart from them, from a server that may be
// another by then.
TEST(BlockCrashTest, EightWorkersAndKills_SameCourseAsOne) {
  StudyRun::Options flip;
  flip.spec = BitStudy();
  flip.simulator = BitLoss;
  StudyRun::Options block;
  block.spec = RealStudy();
  block.simulator = RealLoss;
  for (StudyRun::Options options : {flip, block}) {
    StudyRun alone(options);
    ASSERT_NO_FATAL_FAILURE(alone.Begin());
    const v1::Study undisturbed = alone.Finish();
    options.workers = 8;
    options.unruly = true;
    StudyRun run(options);
    ASSERT_NO_FATAL_FAILURE(run.Begin());
    for (int kill = 0; kill < 4 && !HasFatalFailure(); ++kill) {
      EXPECT_TRUE(run.log().WaitFor(kill * kReferenceSteps / 5, 10 + kill));
      run.server().Kill();
      run.Restart();
      if (!HasFatalFailure()) run.LetIn();
    }
    if (HasFatalFailure()) return run.GiveUp();
    const v1::Study study = run.Finish();
    EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
    EXPECT_EQ(study.step(), kReferenceSteps);
    EXPECT_EQ(study.trajectory_digest(), undisturbed.trajectory_digest());
    EXPECT_EQ(run.digests(), alone.digests());
  }
}

}  // namespace
}  // namespace polystep
