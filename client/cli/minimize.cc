// `polystep minimize`: a server and its workers in one process, over a folder that can be resumed.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/minimize_study.h"
#include "client/cli/progress.h"
#include "client/cli/proto_json.h"
#include "client/cli/scratch.h"
#include "client/cli/shell_text.h"
#include "client/cli/simulator_verb.h"
#include "client/cli/spec_file.h"
#include "client/cli/start_values.h"
#include "client/cli/study_text.h"
#include "client/cli/verbs.h"
#include "server/app/embedded.h"

namespace polystep::cli {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Follows the study while workers run: draws progress, and ends the run if the study is paused,
// which nobody else would notice here.
class Follower {
 public:
  Follower(client::Study study, Streams& streams, std::stop_source& run)
      : study_(std::move(study)), progress_(streams.err, streams.terminal), run_(run) {
    thread_ = std::jthread([this](std::stop_token stop) { Follow(stop); });
  }
  ~Follower() {
    thread_.request_stop();
    thread_.join();
    progress_.Finish();
  }

 private:
  void Follow(std::stop_token stop) {
    Clock::time_point start = Clock::now();
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock<std::mutex> lock(mutex);
    do {
      absl::StatusOr<v1::Study> study = study_.Get();
      if (!study.ok()) continue;
      progress_.Update(*study, SecondsSince(start));
      if (study->state() == v1::Study::PAUSED) run_.request_stop();
    } while (!condition.wait_for(lock, stop, std::chrono::milliseconds(200),
                                 [&] { return stop.stop_requested(); }));
  }

  client::Study study_;
  Progress progress_;
  std::stop_source& run_;
  std::jthread thread_;
};

// The command that goes on with the study in `data`.
std::string ResumeCommand(const CommandLine& line, const std::string& data) {
  std::string text = absl::StrCat("polystep minimize --spec ", ShellQuoted(line.spec), " --data ",
                                  ShellQuoted(data));
  if (line.slots > 0) absl::StrAppend(&text, " --slots ", line.slots);
  if (line.timeout_s) absl::StrAppend(&text, " --timeout ", *line.timeout_s);
  if (line.persistent) text += " --persistent";
  if (line.on_failure != "infeasible") absl::StrAppend(&text, " --on-failure ", line.on_failure);
  text += " --";
  for (const std::string& word : line.command) absl::StrAppend(&text, " ", ShellQuoted(word));
  return text;
}

void PrintResult(const v1::Study& study, double seconds, bool json, std::ostream& out) {
  if (json) {
    out << ProtoJson(study).dump(2) << "\n";
    return;
  }
  out << v1::Study::State_Name(study.state())
      << (study.state_reason().empty() ? "" : absl::StrCat(": ", study.state_reason())) << "\n"
      << "best loss " << LossText(study.best()) << " after " << study.evaluations()
      << " evaluations in " << study.step() << " steps, " << absl::StrFormat("%.1f s", seconds)
      << "\n"
      << ParameterLines(Parameters(study.best().parameters()));
}

// The folder of the run: --data, or a temporary one.
absl::StatusOr<std::string> DataFolder(const CommandLine& line, Folder& temporary) {
  if (!line.data.empty()) return line.data;
  absl::StatusOr<Folder> folder = MakeTemporaryFolder();
  if (!folder.ok()) return folder.status();
  temporary = *std::move(folder);
  return temporary.path();
}

struct Run {
  client::WorkerSummary summary;
  absl::StatusOr<v1::Study> study = absl::UnknownError("not read");
};

Run RunWorkers(const client::Study& study, client::Evaluator evaluator, int slots, Streams& streams,
               std::stop_token stop) {
  Run run;
  std::stop_source run_stop;
  std::stop_callback on_stop(stop, [&] { run_stop.request_stop(); });
  {
    Follower follower(study, streams, run_stop);
    client::WorkerOptions options;
    options.slots = slots;
    options.stop = run_stop.get_token();
    run.summary = study.RunWorker(std::move(evaluator), std::move(options));
  }
  run.study = study.Get();
  return run;
}

}  // namespace

int Minimize(const CommandLine& line, Streams& streams, std::stop_token stop) {
  absl::StatusOr<v1::StudySpec> spec = ReadSpec(line.spec);
  if (!spec.ok()) return Usage(spec.status(), streams);
  int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int slots = line.slots > 0 ? line.slots : cores;
  absl::StatusOr<client::Evaluator> evaluator = MakeEvaluator(line, slots);
  if (!evaluator.ok()) return Usage(evaluator.status(), streams);
  Folder temporary;
  absl::StatusOr<std::string> data = DataFolder(line, temporary);
  if (!data.ok()) return Report(data.status(), streams);
  absl::StatusOr<std::unique_ptr<EmbeddedServer>> server = EmbeddedServer::Start({.data = *data});
  if (!server.ok()) return Report(server.status(), streams);
  client::Client client =
      client::Client::Connect((*server)->address(), {.total = absl::Seconds(30)});
  absl::Status uploaded = UploadStartValues(client, line.spec, *spec);
  if (!uploaded.ok()) return Report(uploaded, streams);
  absl::StatusOr<v1::Study> opened = OpenMinimizeStudy(client, *spec, *data);
  if (!opened.ok()) return Report(opened.status(), streams);
  if (!HasStopCriterion(*spec)) {
    streams.err << "the spec has no stop criterion: runs until Ctrl-C\n";
  }

  Clock::time_point start = Clock::now();
  Run run =
      RunWorkers(client.GetStudy(kMinimizeStudy), *std::move(evaluator), slots, streams, stop);
  if (!run.study.ok()) return Report(run.study.status(), streams);
  PrintResult(*run.study, SecondsSince(start), line.json, streams.out);
  (*server)->Shutdown(absl::ZeroDuration());  // nobody else tells it anything
  bool ended =
      run.study->state() == v1::Study::SUCCEEDED || run.study->state() == v1::Study::STOPPED;
  if (ended) return kDone;
  int code = WorkerExitCode(run.summary, streams);
  temporary.Release();  // what was found is kept
  streams.err << "not finished; go on with:\n  " << ResumeCommand(line, *data) << "\n";
  return code == kDone ? kFailed : code;
}

}  // namespace polystep::cli
