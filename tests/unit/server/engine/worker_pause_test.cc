// The growing pause of a worker that fails fast while others succeed.
#include <gtest/gtest.h>

#include "tests/unit/server/engine/engine_fixture.h"

namespace polystep {
namespace {

class WorkerPauseTest : public EngineTest {
 protected:
  WorkerPauseTest() {
    CreateStudyParams params = Params();
    params.spec.search.optimizer.particles = 200;
    params.spec.lease.max_failed_fraction = 1.0;
    params.spec.lease.max_attempts = 100;
    EXPECT_TRUE(Create(params).ok());
  }

  void Succeed(const std::string& worker, uint32_t count) {
    LeaseGrant lease = MustLease(AskOf(worker, count));
    Run(absl::Milliseconds(10));
    EXPECT_TRUE(Tell(TellOf(lease)).ok());
  }

  // One evaluation, after `time`; zero if a lease was had, else the pause.
  absl::Duration Fail(const std::string& worker, Failure::Kind kind = Failure::Kind::kTransient,
                      absl::Duration time = absl::Milliseconds(1)) {
    AskParams params = AskOf(worker, 1);
    params.wait = absl::Seconds(30);
    absl::StatusOr<AskResult> result = Ask(params);
    EXPECT_TRUE(result.ok());
    if (!result->lease) return result->retry_delay;
    Run(time);
    TellParams tell = TellOf(*result->lease);
    tell.slices[0] = {result->lease->first_index, {}, {{result->lease->first_index, kind, "no"}}};
    EXPECT_TRUE(Tell(tell).ok());
    return absl::ZeroDuration();
  }

  static bool Near(absl::Duration a, absl::Duration b) {
    return absl::AbsDuration(a - b) < absl::Milliseconds(50);
  }
};

TEST_F(WorkerPauseTest, FailuresInARow_PauseForTwiceAsLongEachTime) {
  Succeed("good", 20);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Fail("bad"), absl::ZeroDuration()) << i;
  for (int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_TRUE(Near(Fail("bad"), absl::Seconds(seconds))) << seconds;
    Run(absl::Seconds(seconds));
    Succeed("good", 1);
    EXPECT_EQ(Fail("bad"), absl::ZeroDuration());
  }
}

TEST_F(WorkerPauseTest, InfeasibleAtOnce_PausesToo) {
  Succeed("good", 20);
  for (int i = 0; i < 3; ++i) Fail("bad", Failure::Kind::kInfeasible);
  EXPECT_TRUE(Near(Fail("bad"), absl::Seconds(1)));
}

TEST_F(WorkerPauseTest, Success_EndsIt) {
  Succeed("good", 20);
  for (int i = 0; i < 3; ++i) Fail("bad");
  Run(absl::Seconds(1));
  Succeed("bad", 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Fail("bad"), absl::ZeroDuration()) << i;
  EXPECT_TRUE(Near(Fail("bad"), absl::Seconds(1)));
}

TEST_F(WorkerPauseTest, OnlyWorker_IsNeverPaused) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(Fail("bad"), absl::ZeroDuration()) << i;
}

TEST_F(WorkerPauseTest, OthersGone_ThePauseEnds) {
  Succeed("good", 20);
  for (int i = 0; i < 3; ++i) Fail("bad");
  EXPECT_GT(Fail("bad"), absl::ZeroDuration());
  Run(absl::Seconds(62));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Fail("bad"), absl::ZeroDuration()) << i;
}

TEST_F(WorkerPauseTest, OthersFailAsOften_NoPause) {
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 9; ++k) Fail("good", Failure::Kind::kInfeasible);
    Succeed("good", 1);
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Fail("bad"), absl::ZeroDuration()) << i;
}

TEST_F(WorkerPauseTest, SlowFailures_NoPause) {
  Succeed("good", 20);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Fail("bad", Failure::Kind::kTransient, absl::Seconds(3)), absl::ZeroDuration()) << i;
  }
}

TEST_F(WorkerPauseTest, LeaseOfARequest_IsStillFound) {
  Succeed("good", 20);
  AskParams params = AskOf("bad", 1);
  params.request_id = "r";
  LeaseGrant lease = MustLease(params);
  for (int i = 0; i < 3; ++i) Fail("bad");
  EXPECT_EQ(MustLease(params).token, lease.token);
}

}  // namespace
}  // namespace polystep
