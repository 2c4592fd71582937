// The `polystep` program against a real server: what each verb prints and ends with, and that
// simulators of a worker leave nothing behind.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/npy.h"
#include "client/cli/shell_text.h"
#include "client/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "server/app/embedded.h"
#include "tests/temp_folder.h"

namespace polystep {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Ended {
  int code = -1;
  std::string out, err;
};

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    absl::StatusOr<std::unique_ptr<EmbeddedServer>> server =
        EmbeddedServer::Start({.data = folder_.path() + "/data"});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    mark_ = folder_.path();
    ::setenv("POLYSTEP_TEST_MARK", mark_.c_str(), 1);
    ::setenv("POLYSTEP_SERVER", server_->address().c_str(), 1);
  }
  ~CliTest() override { EXPECT_EQ(Marked(), 0) << "processes are left running"; }

  // Living processes that were started by this test.
  int Marked() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::string environment = ReadFile(entry.path() / "environ");
      if (environment.find("POLYSTEP_TEST_MARK=" + mark_) != std::string::npos) ++count;
    }
    return count;
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }

  // A study of a sphere in two dimensions; its optimum is at (1, -2).
  std::string Spec(const std::string& more = "stop: {target_loss: 1e-4, max_evaluations: 2000}") {
    return Write("spec.yaml",
                 "parameters:\n"
                 "- {name: x, real: {min: -5, max: 5}}\n"
                 "- {name: y, real: {min: -5, max: 5}}\n"
                 "seed: 7\n" +
                     more + "\n");
  }

  std::string CommandText(const std::vector<std::string>& words) const {
    std::string program = std::string(std::getenv("POLYSTEP_BIN")) + "/polystep";
    std::vector<std::string> quoted = {cli::ShellQuoted(program)};
    for (const std::string& word : words) quoted.push_back(cli::ShellQuoted(word));
    // A program that hangs fails its test, and is gone after it. In the foreground, because timeout
    // otherwise passes a signal on twice, and the second one cuts the farewell short.
    return absl::StrCat("timeout --foreground -k 5 120 ", absl::StrJoin(quoted, " "), " >",
                        Path("out"), " 2>", Path("err"), " </dev/null");
  }

  Ended Polystep(const std::vector<std::string>& words) const {
    int status = std::system(CommandText(words).c_str());
    return {WEXITSTATUS(status), ReadFile(Path("out")), ReadFile(Path("err"))};
  }

  // Starts it and returns its process id.
  pid_t Start(const std::vector<std::string>& words) const {
    std::string script = "exec " + CommandText(words);
    pid_t pid = ::fork();
    if (pid == 0) {
      ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
      ::_exit(99);
    }
    return pid;
  }

  Ended Wait(pid_t pid) const {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadFile(Path("out")),
            ReadFile(Path("err"))};
  }

  // Until a simulator has written the file; it does so as its first act.
  void AwaitFile(const std::string& name) const {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!std::filesystem::exists(Path(name))) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << ReadFile(Path("err"));
      std::this_thread::yield();
    }
  }

  Json Get(const std::string& study) const {
    return Json::parse(Polystep({"study", "get", study, "--json"}).out, nullptr, false);
  }

  const std::vector<std::string> sphere_ = {"awk", "BEGIN {print ({x}-1)^2 + ({y}+2)^2}"};
  std::vector<std::string> With(std::vector<std::string> words,
                                const std::vector<std::string>& command) const {
    words.push_back("--");
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }

  TempFolder folder_;
  std::unique_ptr<EmbeddedServer> server_;
  std::string mark_;
};

TEST_F(CliTest, StudyVerbs_LifeOfAStudy) {
  EXPECT_EQ(Polystep({"study", "create", "a", "--spec", Spec(), "--label", "team=x"}).code, 0);
  Ended list = Polystep({"study", "list"});
  EXPECT_THAT(list.out, HasSubstr("studies/a"));
  EXPECT_EQ(Json::parse(Polystep({"--json", "study", "list"}).out)["studies"].size(), 1u);
  Json study = Get("studies/a");
  EXPECT_EQ(study["state"], "ACTIVE");
  EXPECT_EQ(study["step"], 0);
  EXPECT_EQ(study["evaluations"], 0);
  EXPECT_EQ(study["labels"]["team"], "x");
  EXPECT_EQ(study["spec"]["seed"], 7);
  EXPECT_EQ(study["trajectoryDigest"].get<std::string>().size(), 64u);

  EXPECT_EQ(Polystep({"study", "pause", "a"}).code, 0);
  EXPECT_EQ(Get("a")["state"], "PAUSED");
  EXPECT_EQ(Polystep({"ask", "a", "--wait", "0"}).code, 1) << "a paused study offers nothing";
  EXPECT_EQ(Polystep({"study", "resume", "a"}).code, 0);
  Ended worker = Polystep(With({"worker", "a", "--slots", "2"}, sphere_));
  EXPECT_EQ(worker.code, 0) << worker.err;
  study = Get("a");
  EXPECT_EQ(study["state"], "SUCCEEDED");
  EXPECT_LE(study["best"]["loss"].get<double>(), 1e-4);

  Json steps = Json::parse(Polystep({"study", "steps", "a", "--json"}).out);
  EXPECT_EQ(steps["steps"].size(), study["step"].get<size_t>());
  EXPECT_EQ(steps["steps"].back()["digest"], study["trajectoryDigest"]);
  Ended watch = Polystep({"study", "watch", "a"});
  EXPECT_EQ(watch.code, 0);
  EXPECT_THAT(watch.out, HasSubstr("SUCCEEDED"));

  Ended best = Polystep({"best", "a", "--out", Path("best.json")});
  EXPECT_EQ(best.code, 0);
  Json parameters = Json::parse(ReadFile(Path("best.json")));
  EXPECT_NEAR(parameters["x"].get<double>(), 1.0, 0.02);
  EXPECT_EQ(Json::parse(Polystep({"best", "a", "--json"}).out)["loss"], study["best"]["loss"]);
  EXPECT_EQ(Polystep({"study", "delete", "a"}).code, 0);
  EXPECT_EQ(Polystep({"study", "get", "a"}).code, 1);
}

TEST_F(CliTest, StartValues_AreReadFromNpyFilesBesideTheSpec) {
  const client::Tensor start{"w", {2, 2}, {0.5F, -1, 2, 4}};
  ASSERT_TRUE(cli::WriteNpy(folder_.path(), start).ok());
  const std::string spec = Write("tensors.yaml",
                                 "tensors:\n"
                                 "- name: w\n"
                                 "  shape: [4]\n"
                                 "  initializer: {kind: UPLOADED, contentId: w.npy}\n");
  Ended created = Polystep({"study", "create", "t", "--spec", spec});
  EXPECT_EQ(created.code, 0) << created.err;
  auto center = client::Client::Connect(server_->address())
                    .GetStudy("t")
                    .Solution(v1::GetSolutionRequest::CENTER);
  ASSERT_TRUE(center.ok()) << center.status();
  EXPECT_EQ(center->tensors[0].values, start.values);
  std::filesystem::remove(Path("w.npy"));
  Ended absent = Polystep({"study", "create", "u", "--spec", spec});
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(absent.err, HasSubstr("tensors[0].initializer.content_id: " + Path("w.npy")));
}

TEST_F(CliTest, Errors_NameTheFieldAndTheLimit) {
  std::string bad = Write("bad.yaml", "parameters: [{name: x, real: {min: 3, max: 2}}]\n");
  Ended refused = Polystep({"study", "create", "b", "--spec", bad});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("parameters[0]"));
  std::string unknown = Write("unknown.yaml", "parameterz: []\n");
  Ended usage = Polystep({"study", "create", "b", "--spec", unknown});
  EXPECT_EQ(usage.code, 2);
  EXPECT_THAT(usage.err, HasSubstr("parameterz"));
  EXPECT_EQ(Polystep({"study", "get", "missing"}).code, 1);
  EXPECT_EQ(Polystep({"study", "create", "b", "--spec", Spec()}).code, 0);
  EXPECT_EQ(Polystep({"study", "create", "b", "--spec", Spec("goal: MAXIMIZE")}).code, 1);
  EXPECT_EQ(Polystep({"best", "b"}).code, 1);
}

TEST_F(CliTest, Server_ThatIsAway_Is3) {
  server_ = nullptr;
  EXPECT_EQ(Polystep({"study", "list"}).code, 3);
  EXPECT_EQ(Polystep(With({"worker", "a"}, {"true"})).code, 3);
}

TEST_F(CliTest, AskAndTell_ByHand) {
  // The loss below meets the target, so the step must stay open after the first answer.
  std::string spec = Spec("optimizer: {parallelism: 8}\nstop: {target_loss: 1e-4}");
  ASSERT_EQ(Polystep({"study", "create", "bench", "--spec", spec}).code, 0);
  Ended ask = Polystep({"ask", "bench", "--ttl", "2h", "--json"});
  ASSERT_EQ(ask.code, 0) << ask.err;
  Json lease = Json::parse(ask.out);
  EXPECT_EQ(lease["lease"]["count"], 1);
  EXPECT_GE(lease["parameters"]["x"].get<double>(), -5.0);
  std::string token = lease["token"];
  Ended tell = Polystep({"tell", "bench", "--token", token, "--loss", "-1.5", "--json"});
  ASSERT_EQ(tell.code, 0) << tell.err;
  EXPECT_EQ(Json::parse(tell.out)["accepted"], 1);
  EXPECT_THAT(Polystep({"tell", "bench", "--token", token, "--loss", "-1.5"}).out,
              HasSubstr("equal"));
  EXPECT_EQ(Get("bench")["evaluations"], 1);
  std::string text = Polystep({"ask", "bench"}).out;
  EXPECT_THAT(text, HasSubstr("x = "));
  EXPECT_THAT(text, HasSubstr("polystep tell bench --token "));
  EXPECT_EQ(Polystep({"tell", "bench", "--token", "xyz", "--loss", "1"}).code, 2);
  EXPECT_EQ(Polystep({"ask", "bench", "--ttl", "soon"}).code, 2);
}

TEST_F(CliTest, Worker_SimulatorThatCannotStart_Is2AndReleases) {
  ASSERT_EQ(Polystep({"study", "create", "w", "--spec", Spec()}).code, 0);
  EXPECT_EQ(Polystep(With({"worker", "w"}, {"no-such-command"})).code, 2);
  Ended worker = Polystep(With({"worker", "w"}, {"sh", "-c", "exit 127"}));
  EXPECT_EQ(worker.code, 2);
  EXPECT_THAT(worker.err, HasSubstr("exit code 127"));
  Ended ask = Polystep({"ask", "w", "--json", "--wait", "0"});
  ASSERT_EQ(ask.code, 0) << "its lease was given back";
  EXPECT_EQ(Get("w")["counters"]["infeasible"], 0);
}

TEST_F(CliTest, Worker_SimulatorsThatMisbehave_EndAsFailures) {
  std::string stop = "stop: {max_steps: 1}\nevaluation: {max_failed_fraction: 1}";
  struct Case {
    const char* name;
    const char* script;
    const char* counter;
  };
  const Case cases[] = {{"hang", "sleep 1000 & sleep 1000", "transient"},
                        {"crash", "kill -SEGV $$", "infeasible"},
                        {"garbage", "echo garbage", "infeasible"},
                        {"fork", "setsid sleep 1000 & sleep 1000 & exit 3", "infeasible"}};
  for (const Case& test : cases) {
    ASSERT_EQ(Polystep({"study", "create", test.name, "--spec", Spec(stop)}).code, 0);
    Ended worker = Polystep(
        With({"worker", test.name, "--slots", "2", "--timeout", "0.2"}, {"sh", "-c", test.script}));
    EXPECT_EQ(worker.code, 0) << test.name << worker.err;
    Json study = Get(test.name);
    EXPECT_EQ(study["state"], "SUCCEEDED") << test.name << study["stateReason"];
    EXPECT_GT(study["counters"][test.counter].get<int>(), 0) << test.name;
    EXPECT_EQ(Marked(), 0) << test.name;
  }
}

TEST_F(CliTest, Worker_Terminated_KillsItsSimulatorsReleasesAndEndsWith0) {
  ASSERT_EQ(Polystep({"study", "create", "t", "--spec", Spec()}).code, 0);
  pid_t worker = Start(With({"worker", "t", "--slots", "2"},
                            {"sh", "-c", "sleep 1000 & echo up >" + Path("up") + "; sleep 1000"}));
  AwaitFile("up");
  ::kill(worker, SIGTERM);
  Ended ended = Wait(worker);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(Marked(), 0);
  EXPECT_EQ(Get("t")["counters"]["infeasible"], 0);
  // What it held is offered again at once.
  EXPECT_EQ(Polystep(With({"worker", "t"}, sphere_)).code, 0);
  EXPECT_EQ(Get("t")["state"], "SUCCEEDED");
}

TEST_F(CliTest, Worker_OfAnyStudy_WorksForAllUntilItIsTerminated) {
  pid_t worker = Start(With({"worker", "-", "--slots", "2"}, sphere_));
  for (const char* study : {"a", "b"}) {
    ASSERT_EQ(Polystep({"study", "create", study, "--spec", Spec()}).code, 0);
  }
  for (const char* study : {"a", "b"}) {
    EXPECT_EQ(Polystep({"study", "watch", study}).code, 0);
    EXPECT_EQ(Get(study)["state"], "SUCCEEDED");
    EXPECT_LE(Get(study)["best"]["loss"].get<double>(), 1e-4);
  }
  ::kill(worker, SIGTERM);
  const Ended ended = Wait(worker);
  EXPECT_EQ(ended.code, 0) << ended.err;
}

TEST_F(CliTest, Worker_Persistent_OneProcessPerSlot) {
  std::string spec =
      Spec("optimizer: {parallelism: 16}\nstop: {target_loss: 1e-4, max_evaluations: 2000}");
  ASSERT_EQ(Polystep({"study", "create", "p", "--spec", spec}).code, 0);
  Ended worker =
      Polystep(With({"worker", "p", "--persistent", "--json"},
                    {"sh", "-c",
                     "echo start >>" + Path("starts") +
                         "; while read line; do echo \"$line\" | awk -F'[:,}]' "
                         "'{print \"{\\\"loss\\\": \" ($3-1)^2+($5+2)^2 \"}\"}'; done"}));
  EXPECT_EQ(worker.code, 0) << worker.err;
  EXPECT_GT(Json::parse(worker.out)["accepted"].get<int>(), 10);
  EXPECT_EQ(ReadFile(Path("starts")), "start\n");
  EXPECT_LE(Get("p")["best"]["loss"].get<double>(), 1e-4);
}

TEST_F(CliTest, Minimize_Sphere_ReachesItsTarget) {
  Ended minimize = Polystep(With({"minimize", "--json", "--spec", Spec()}, sphere_));
  ASSERT_EQ(minimize.code, 0) << minimize.err;
  Json study = Json::parse(minimize.out);
  EXPECT_EQ(study["state"], "SUCCEEDED");
  EXPECT_LE(study["best"]["loss"].get<double>(), 1e-4);
  Ended text = Polystep(With({"minimize", "--spec", Spec()}, sphere_));
  EXPECT_THAT(text.out, HasSubstr("best loss "));
  EXPECT_THAT(text.out, HasSubstr("x = "));
}

TEST_F(CliTest, Minimize_Interrupted_ResumesToTheSameDigest) {
  std::vector<std::string> minimize = {"minimize", "--json", "--spec", Spec()};
  Json whole = Json::parse(Polystep(With(minimize, sphere_)).out);
  minimize.insert(minimize.end(), {"--data", Path("kept")});
  // The same simulator, which says when it has been called and then takes its time.
  std::string slow = "if [ -e " + Path("go") + " ]; then :; else echo up >" + Path("up") +
                     "; sleep 1000; fi; " + sphere_[0] + " '" + sphere_[1] + "'";
  pid_t first = Start(With(minimize, {"sh", "-c", slow}));
  AwaitFile("up");
  ::kill(first, SIGINT);
  Ended interrupted = Wait(first);
  EXPECT_EQ(interrupted.code, 1);
  EXPECT_THAT(interrupted.err, HasSubstr("go on with:\n  polystep minimize --spec"));
  EXPECT_THAT(interrupted.err, HasSubstr("--data " + Path("kept")));
  EXPECT_EQ(Marked(), 0);

  Write("go", "");
  Ended resumed = Polystep(With(minimize, {"sh", "-c", slow}));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(Json::parse(resumed.out)["trajectoryDigest"], whole["trajectoryDigest"]);
  Ended again = Polystep(With(minimize, {"false"}));
  EXPECT_EQ(again.code, 0) << "finished: nothing is evaluated again";

  Spec("goal: MAXIMIZE\nstop: {max_evaluations: 20}");
  Ended other = Polystep(With(minimize, sphere_));
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("another spec"));
  Spec("stop: {target_loss: 1e-6, max_evaluations: 2000}");
  Ended further = Polystep(With(minimize, sphere_));
  EXPECT_EQ(further.code, 0) << further.err;
  EXPECT_LE(Json::parse(further.out)["best"]["loss"].get<double>(), 1e-6);
}

TEST_F(CliTest, Minimize_AllFail_StopsAndSaysWhy) {
  Ended ended = Polystep(
      With({"minimize", "--spec", Spec("stop: {max_evaluations: 2000}")}, {"sh", "-c", "exit 3"}));
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("PAUSED: "));
}

}  // namespace
}  // namespace polystep
