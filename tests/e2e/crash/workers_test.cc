// Workers in processes of their own, killed at random together with their server: 1, 8 and 64 of
// them end where one alone does that nobody disturbs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>
#include <random>
#include <vector>

#include "tests/e2e/crash/reference_study.h"
#include "tests/e2e/crash/study_run.h"

namespace polystep {
namespace {

constexpr int kSteps = 24;
constexpr int kKills = 6;  // of workers; every second time of the server, too
constexpr char kStudyId[] = "killed";

struct Killed {
  const char* name;
  v1::StudySpec (*spec)();
  Simulator simulator;
};

void PrintTo(const Killed& killed, std::ostream* out) { *out << killed.name; }

v1::StudySpec SpecOf(const Killed& killed) {
  v1::StudySpec spec = killed.spec();
  spec.mutable_optimizer()->set_parallelism(64);
  spec.mutable_stop()->set_max_steps(kSteps);
  // Of a worker that is killed before anyone can tell how long an evaluation takes.
  spec.mutable_evaluation()->mutable_lease_ttl()->set_seconds(1);
  spec.mutable_evaluation()->set_max_lost(250);
  return spec;
}

class WorkerProcess {
 public:
  WorkerProcess(const std::string& address_file, const std::string& kind, const std::string& log) {
    const std::string program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "crash_worker";
    std::vector<std::string> words = {program, address_file, kStudyId, kind};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = ::fork();
    if (pid_ == 0) {  // only calls that are safe in a copy of a process with threads
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(output, STDERR_FILENO);
      ::close_range(3, ~0u, 0);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(output);
  }
  ~WorkerProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    Wait();
  }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // For its end; the exit status, -1 if a signal ended it.
  int Wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
};

// A server, its workers, and what kills them.
class Battle {
 public:
  Battle(const Killed& killed, int workers, uint32_t seed)
      : killed_(killed), workers_(workers), random_(seed) {}

  void Run() {
    ASSERT_NO_FATAL_FAILURE(StartServer());
    auto created =
        client::Client::Connect(server_->address()).CreateStudy(kStudyId, SpecOf(killed_), {});
    ASSERT_TRUE(created.ok()) << created.status();
    for (int i = 0; i < workers_; ++i) crew_.push_back(NewWorker());
    for (int kill = 0; kill < kKills; ++kill) {
      Await([&](const v1::Study& study) { return study.step() >= kill * kSteps / (kKills + 1); });
      crew_[random_() % crew_.size()] = NewWorker();
      if (kill % 2 == 0) continue;
      ASSERT_NO_FATAL_FAILURE(StartServer());
    }
    Await([](const v1::Study& study) { return study.state() != v1::Study::ACTIVE; });
    for (auto& worker : crew_) EXPECT_EQ(worker->Wait(), 0) << Log();
  }

  v1::Study study() { return *Connect().Get(); }

 private:
  client::Study Connect() { return client::Client::Connect(server_->address()).GetStudy(kStudyId); }

  // Kills the present one.
  void StartServer() {
    server_ = nullptr;
    auto started = ServerProcess::Start(
        {.data = folder_.path() + "/data", .log = folder_.path() + "/server.log"});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    const std::string fresh = folder_.path() + "/fresh";
    std::ofstream(fresh) << server_->address();
    std::filesystem::rename(fresh, address_file());
  }

  std::unique_ptr<WorkerProcess> NewWorker() {
    return std::make_unique<WorkerProcess>(address_file(), killed_.name,
                                           folder_.path() + "/worker.log");
  }

  template <class Reached>
  void Await(Reached reached) {
    auto go_on = [&](const v1::WatchStudyResponse& update) { return !reached(update.study()); };
    const absl::Status status = Connect().Watch(0, go_on);
    EXPECT_TRUE(status.ok()) << status;
  }

  std::string address_file() const { return folder_.path() + "/address"; }
  std::string Log() const {
    std::ifstream file(folder_.path() + "/worker.log");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  const Killed& killed_;
  const int workers_;
  std::mt19937 random_;
  TempFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<std::unique_ptr<WorkerProcess>> crew_;
};

class WorkersTest : public testing::TestWithParam<Killed> {};

TEST_P(WorkersTest, KilledWithTheirServer_OneEightAndSixtyFourEndAsOneUndisturbed) {
  StudyRun alone({.spec = SpecOf(GetParam()), .simulator = GetParam().simulator});
  ASSERT_NO_FATAL_FAILURE(alone.Begin());
  const v1::Study undisturbed = alone.Finish();
  ASSERT_EQ(undisturbed.state(), v1::Study::SUCCEEDED) << undisturbed.state_reason();
  ASSERT_EQ(undisturbed.step(), kSteps);
  for (int workers : {1, 8, 64}) {
    const uint32_t seed = std::random_device()();
    std::cout << workers << " workers, seed " << seed << std::endl;
    Battle battle(GetParam(), workers, seed);
    ASSERT_NO_FATAL_FAILURE(battle.Run());
    const v1::Study study = battle.study();
    EXPECT_EQ(study.state(), v1::Study::SUCCEEDED) << study.state_reason();
    EXPECT_EQ(study.evaluations(), undisturbed.evaluations());
    EXPECT_EQ(study.counters().conflicting(), 0);
    EXPECT_EQ(study.trajectory_digest(), undisturbed.trajectory_digest());
  }
}

INSTANTIATE_TEST_SUITE_P(All, WorkersTest,
                         testing::Values(Killed{"typed", ReferenceStudy, ReferenceLoss},
                                         Killed{"bits", BitStudy, BitLoss}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace polystep
