// A simulator that stays: it serves many evaluations, and is replaced when it fails.
#include "client/cli/persistent.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "client/cli/child_process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace polystep::cli {
namespace {

using client::Candidate;
using client::EvaluationResult;
using Kind = EvaluationResult::Kind;
using ::testing::HasSubstr;

class PersistentTest : public ::testing::Test {
 protected:
  void Start(const std::string& script, SimulatorOptions options = {}) {
    options.command = {"sh", "-c", script};
    absl::StatusOr<client::Evaluator> simulator = MakePersistentSimulator(options, 2);
    ASSERT_TRUE(simulator.ok()) << simulator.status();
    simulator_ = *std::move(simulator);
  }
  ~PersistentTest() override {
    simulator_ = nullptr;
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD) << "processes are left";
  }
  EvaluationResult Evaluate(double x, std::stop_token stop = {}) {
    Candidate candidate;
    candidate.parameters = {{"x", x}};
    return simulator_(candidate, {.slot = 1, .stop = stop});
  }

  client::Evaluator simulator_;
};

TEST_F(PersistentTest, Lines_ManyEvaluations_OneProcess) {
  Start("n=0; while read line; do n=$((n+1)); echo '{\"loss\": '$n'}'; done");
  for (int i = 1; i <= 20; ++i) EXPECT_EQ(Evaluate(i).loss, i);
}

TEST_F(PersistentTest, Line_HoldsParametersSeedAndPurpose) {
  Start(
      "while read line; do case $line in "
      "'{\"parameters\":{\"x\":1.5},\"seed\":0,\"seed64\":\"0\",\"purpose\":\"SEARCH\"}') echo 1;; "
      "*) echo 2;; esac; done");
  EXPECT_EQ(Evaluate(1.5).loss, 1.0);
}

TEST_F(PersistentTest, Crash_IsAFailureAndTheNextOneIsServed) {
  Start(
      "n=0; while read line; do n=$((n+1)); "
      "if [ $n = 3 ]; then echo boom >&2; exit 9; fi; echo $n; done");
  EXPECT_EQ(Evaluate(0).loss, 1.0);
  EXPECT_EQ(Evaluate(0).loss, 2.0);
  EvaluationResult crash = Evaluate(0);
  EXPECT_EQ(crash.kind, Kind::kInfeasible);
  EXPECT_THAT(crash.message, HasSubstr("exit code 9: boom"));
  EXPECT_EQ(Evaluate(0).loss, 1.0);
}

TEST_F(PersistentTest, Exit_AfterEachAnswer_IsNoFailure) {
  Start("read line; echo 4");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Evaluate(i).loss, 4.0);
}

TEST_F(PersistentTest, Garbage_IsAFailureAndTheProcessIsReplaced) {
  Start("read line; echo garbage; read line; echo 1", {.retry_failures = true});
  EvaluationResult result = Evaluate(0);
  EXPECT_EQ(result.kind, Kind::kTransient);
  EXPECT_THAT(result.message, HasSubstr("not an answer: garbage"));
}

TEST_F(PersistentTest, Hang_TimesOutAndTheProcessIsReplaced) {
  Start("read line; echo 1; read line; sleep 1000", {.timeout = std::chrono::milliseconds(200)});
  EXPECT_EQ(Evaluate(0).loss, 1.0);
  EXPECT_EQ(Evaluate(0).kind, Kind::kTransient);
  EXPECT_EQ(Evaluate(0).loss, 1.0);
}

TEST_F(PersistentTest, CannotStart_CannotRun) {
  Start("exit 127");
  EXPECT_EQ(Evaluate(0).kind, Kind::kCannotRun);
}

TEST_F(PersistentTest, Stop_Requested_IsAbandoned) {
  Start("read line; sleep 1000");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Evaluate(0, stop.get_token()).kind, Kind::kAbandoned);
}

TEST_F(PersistentTest, Line_WithoutEnd_IsAFailure) {
  Start("read line; head -c 3000000 /dev/zero; sleep 1000");
  EXPECT_EQ(Evaluate(0).kind, Kind::kInfeasible);
}

}  // namespace
}  // namespace polystep::cli
