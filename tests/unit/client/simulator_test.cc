// Executables that behave and that do not: what each evaluation becomes, and that nothing is left
// running. Every process started here carries a mark in its environment that the tests look for.
#include "client/cli/simulator.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cli/child_process.h"
#include "client/cli/process_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace polystep::cli {
namespace {

using client::Candidate;
using client::EvaluationResult;
using Kind = EvaluationResult::Kind;
using ::testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class SimulatorTest : public ::testing::Test {
 protected:
  SimulatorTest() {
    PrepareForChildren();
    static std::atomic<int> next{0};
    mark_ = absl::StrCat("polystep-test-", ::getpid(), "-", next++);
    ::setenv("POLYSTEP_TEST_MARK", mark_.c_str(), 1);
    out_ = (std::filesystem::temp_directory_path() / mark_).string();
    ::setenv("OUT", out_.c_str(), 1);
  }
  ~SimulatorTest() override {
    EXPECT_EQ(Survivors(), 0) << "processes are left running";
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD) << "zombies are left";
    std::filesystem::remove(out_);
  }

  int Survivors() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) {
        continue;
      }
      if (ReadFile(entry.path() / "environ").find(mark_) != std::string::npos) ++count;
    }
    return count;
  }

  EvaluationResult Shell(const std::string& script, SimulatorOptions options = {},
                         std::stop_token stop = {}) {
    options.command = {"sh", "-c", script};
    absl::StatusOr<client::Evaluator> simulator = MakeSimulator(options);
    EXPECT_TRUE(simulator.ok()) << simulator.status();
    return (*simulator)(candidate_, {.slot = 3, .stop = stop});
  }

  Candidate candidate_;
  std::string mark_;
  std::string out_;  // a file for the simulator to write to
};

TEST_F(SimulatorTest, Loss_LastNumber_IsTaken) {
  EvaluationResult result = Shell("echo starting; echo 1.5; echo 2.5; echo done");
  EXPECT_EQ(result.kind, Kind::kLoss);
  EXPECT_EQ(result.loss, 2.5);
}

TEST_F(SimulatorTest, Garbage_NoLoss_IsInfeasibleWithReason) {
  EvaluationResult result = Shell("echo garbage");
  EXPECT_EQ(result.kind, Kind::kInfeasible);
  EXPECT_THAT(result.message, HasSubstr("no loss on standard output: garbage"));
  EXPECT_EQ(Shell("echo garbage", {.retry_failures = true}).kind, Kind::kTransient);
}

TEST_F(SimulatorTest, ExitCode_NotZero_IsInfeasibleWithItsLastWords) {
  EvaluationResult result = Shell("echo 1; echo boom >&2; exit 3");
  EXPECT_EQ(result.kind, Kind::kInfeasible);
  EXPECT_EQ(result.message, "exit code 3: boom");
  EXPECT_EQ(Shell("exit 3", {.retry_failures = true}).kind, Kind::kTransient);
}

TEST_F(SimulatorTest, ExitCode75_IsTransient) {
  EXPECT_EQ(Shell("exit 75").kind, Kind::kTransient);
}

TEST_F(SimulatorTest, Crash_Signal_IsInfeasible) {
  EvaluationResult result = Shell("kill -SEGV $$");
  EXPECT_EQ(result.kind, Kind::kInfeasible);
  EXPECT_THAT(result.message, HasSubstr("killed by signal 11"));
}

// Ctrl-C reaches the whole group of the worker, and so a child that has not left it yet. The worker
// keeps stop signals blocked and waits for them; a child must not die of one it was born with.
TEST_F(SimulatorTest, StopSignalToTheGroup_WhileStarting_IsNoFailure) {
  ::setpgid(0, 0);
  sigset_t stop_signals, before;
  ::sigemptyset(&stop_signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&stop_signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &stop_signals, &before);
  {
    std::jthread terminal([](std::stop_token stop) {
      while (!stop.stop_requested()) {
        for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::kill(0, signal);
      }
    });
    for (int n = 0; n < 200; ++n) {
      EvaluationResult result = Shell("echo 1");
      ASSERT_EQ(result.kind, Kind::kLoss) << result.message << " at " << n;
    }
  }
  timespec now{};
  while (::sigtimedwait(&stop_signals, nullptr, &now) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(SimulatorTest, CannotStart_EveryWay_CannotRun) {
  EXPECT_EQ(Shell("exit 126").kind, Kind::kCannotRun);
  EXPECT_EQ(Shell("no-such-command-anywhere").kind, Kind::kCannotRun);
  EXPECT_FALSE(MakeSimulator({.command = {"no-such-command-anywhere"}}).ok());
  EXPECT_FALSE(MakeSimulator({.command = {"/tmp"}}).ok());
  EXPECT_FALSE(MakeSimulator({}).ok());
  std::ofstream(out_) << "neither ELF nor script";
  EXPECT_FALSE(MakeSimulator({.command = {out_}}).ok());
  std::filesystem::permissions(out_, std::filesystem::perms::owner_all);
  absl::StatusOr<client::Evaluator> simulator = MakeSimulator({.command = {out_}});
  ASSERT_TRUE(simulator.ok());
  EvaluationResult result = (*simulator)(candidate_, {});
  EXPECT_EQ(result.kind, Kind::kCannotRun);
  EXPECT_THAT(result.message, HasSubstr("cannot execute"));
}

TEST_F(SimulatorTest, Hang_Timeout_IsTransientAndTheGroupIsKilled) {
  auto start = std::chrono::steady_clock::now();
  EvaluationResult result =
      Shell("sleep 1000 & sleep 1000 | cat; echo 1", {.timeout = std::chrono::milliseconds(200)});
  EXPECT_EQ(result.kind, Kind::kTransient);
  EXPECT_THAT(result.message, HasSubstr("0.2 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(SimulatorTest, Hang_IgnoresSignals_IsKilled) {
  EXPECT_EQ(Shell("trap '' TERM INT HUP; while :; do sleep 1000; done",
                  {.timeout = std::chrono::milliseconds(200)})
                .kind,
            Kind::kTransient);
}

TEST_F(SimulatorTest, Chatter_WithoutEnd_MeetsItsTimeout) {
  EXPECT_EQ(Shell("yes", {.timeout = std::chrono::milliseconds(300)}).kind, Kind::kTransient);
  EXPECT_EQ(Shell("yes >&2", {.timeout = std::chrono::milliseconds(300)}).kind, Kind::kTransient);
}

TEST_F(SimulatorTest, Output_OneGigabyte_CostsNoMemory) {
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  EvaluationResult result = Shell("head -c 1000000000 /dev/zero; echo; echo 4");
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_EQ(result.kind, Kind::kLoss);
  EXPECT_EQ(result.loss, 4.0);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024) << "in KiB";
}

TEST_F(SimulatorTest, Children_OutliveTheSimulator_AreEnded) {
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Shell("sleep 1000 & echo 5").loss, 5.0);  // holds the pipe, in the group
  EXPECT_EQ(Shell("setsid sleep 1000 & echo 6").loss, 6.0);
  // Has certainly left the group, and has children of its own there.
  EXPECT_EQ(Shell("mkfifo $OUT; setsid sh -c 'sleep 1000 & echo up >$OUT; wait' & read x <$OUT; "
                  "echo 7")
                .loss,
            7.0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(SimulatorTest, Children_CaughtBetweenTwoPrograms_AreEnded) {
  for (int i = 0; i < 30; ++i) {
    Shell("setsid sleep 1000 & sleep 1000 & exit 3");
    ASSERT_EQ(Survivors(), 0) << "in run " << i;
  }
}

TEST_F(SimulatorTest, Children_WithoutEnvironment_AreEndedAtTheEnd) {
  EXPECT_EQ(
      Shell("mkfifo $OUT; setsid env -i OUT=$OUT sh -c 'echo up >$OUT; exec env -i sleep 1000' & "
            "read x <$OUT; echo 1")
          .loss,
      1.0);
  EndOrphans();
}

TEST_F(SimulatorTest, Stop_Requested_IsAbandonedAtOnce) {
  std::stop_source stop;
  std::thread stopper([&] {
    while (!std::filesystem::exists(out_)) std::this_thread::yield();
    stop.request_stop();
  });
  EvaluationResult result = Shell("echo up >$OUT; sleep 1000; echo 1", {}, stop.get_token());
  stopper.join();
  EXPECT_EQ(result.kind, Kind::kAbandoned);
}

TEST_F(SimulatorTest, Values_ReachTheSimulator_EveryWay) {
  candidate_.parameters = {{"r1", 0.1}, {"n", int64_t{7}}, {"kind", std::string("a b")}};
  candidate_.evaluation_seed = (uint64_t{5} << 31) + 9;
  candidate_.purpose = client::Purpose::kScore;
  EvaluationResult result = Shell(
      "read line; { echo \"$line\"; echo \"$POLYSTEP_PARAMETERS\"; echo '{r1} {kind} {x}'; "
      "echo $POLYSTEP_SEED $POLYSTEP_SEED64 $POLYSTEP_PURPOSE $POLYSTEP_SLOT; } >$OUT; "
      "echo {n}");
  EXPECT_EQ(result.loss, 7.0);
  EXPECT_EQ(ReadFile(out_),
            "{\"r1\":0.1,\"n\":7,\"kind\":\"a b\"}\n{\"r1\":0.1,\"n\":7,\"kind\":\"a b\"}\n"
            "0.1 a b {x}\n9 10737418249 SCORE 3\n");
}

TEST_F(SimulatorTest, Tensors_AreFilesInAFolderThatGoesAway) {
  candidate_.tensors = {{"layer/1", {2, 3}, {1, 2, 3, 4, 5, 6}}};
  EvaluationResult result = Shell("echo $POLYSTEP_DIR >$OUT; wc -c <$POLYSTEP_DIR/layer%2f1.npy");
  EXPECT_EQ(result.loss, 128 + 6 * 4);
  std::string folder = ReadFile(out_);
  ASSERT_FALSE(folder.empty());
  folder.pop_back();
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(SimulatorTest, Input_LargeAndUnread_DoesNotBlock) {
  candidate_.parameters = {{"text", std::string(1 << 20, 'x')}};
  EXPECT_EQ(Shell("echo 1").loss, 1.0);
  EXPECT_EQ(Shell("wc -c").loss, (1 << 20) + 12.0);
  EXPECT_EQ(Shell("test -z \"$POLYSTEP_PARAMETERS\" && echo 2").loss, 2.0);
}

TEST_F(SimulatorTest, Slots_Parallel_KeepTheirOwnProcesses) {
  absl::StatusOr<client::Evaluator> simulator =
      MakeSimulator({.command = {"sh", "-c", "sleep 0.01 & echo $POLYSTEP_SLOT"}});
  ASSERT_TRUE(simulator.ok());
  std::vector<std::jthread> slots;
  for (int slot = 0; slot < 4; ++slot) {
    slots.emplace_back([&, slot] {
      for (int i = 0; i < 25; ++i) {
        EvaluationResult result = (*simulator)(candidate_, {.slot = slot});
        EXPECT_EQ(result.kind, Kind::kLoss) << result.message;
        EXPECT_EQ(result.loss, slot);
      }
    });
  }
}

}  // namespace
}  // namespace polystep::cli
