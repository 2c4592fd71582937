#include "client/examples/rl/run.h"

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/cli/scratch.h"
#include "client/cpp/status_details.h"
#include "client/examples/rl/report.h"
#include "server/app/embedded.h"

namespace polystep::rl {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUnreachable = 3;

int Fail(const absl::Status& status, std::ostream& err) {
  err << "polystep-rl: " << client::ErrorText(status) << "\n";
  return absl::IsUnavailable(status) ? kUnreachable : kFailed;
}

// A server of this process, gone with it.
struct OwnServer {
  cli::Folder folder;
  std::unique_ptr<EmbeddedServer> server;

  static absl::StatusOr<OwnServer> Start() {
    absl::StatusOr<cli::Folder> folder = cli::MakeTemporaryFolder();
    if (!folder.ok()) return folder.status();
    auto server = EmbeddedServer::Start({.data = folder->path()});
    if (!server.ok()) return server.status();
    return OwnServer{*std::move(folder), *std::move(server)};
  }
};

// A line for every score, until the study ends or `stop` is requested.
void ShowScores(const client::Study& study, std::ostream& err, const std::stop_token& stop) {
  // Scores are a courtesy: a lost connection is the worker's to report.
  study
      .Watch(
          0,
          [&err](const v1::WatchStudyResponse& update) {
            for (const v1::StepRecord& step : update.steps()) {
              if (!step.has_score()) continue;
              err << absl::StrFormat("step %d: mean return %.1f, score of the center %.2f\n",
                                     step.step(), step.mean_loss(), step.score());
            }
            return true;
          },
          stop)
      .IgnoreError();
}

absl::Status Work(const RunOptions& options, const client::Study& study, std::ostream& err,
                  const std::stop_token& stop) {
  std::stop_source over;
  const std::stop_callback on_stop(stop, [&over] { over.request_stop(); });
  const std::jthread watch([&] { ShowScores(study, err, over.get_token()); });
  const Task task = options.study.task;
  const client::WorkerSummary summary = study.RunWorker(
      [task](const client::Candidate& candidate, const client::EvaluationContext&) {
        return Evaluate(task, candidate);
      },
      {.slots = options.slots, .stop = over.get_token()});
  over.request_stop();
  return summary.status;
}

absl::StatusOr<Report> Judge(const StudyOptions& options, const client::Study& study) {
  absl::StatusOr<v1::Study> found = study.Get();
  if (!found.ok()) return found.status();
  absl::StatusOr<client::Point> best = study.Solution(v1::GetSolutionRequest::BEST);
  if (!best.ok()) return best.status();
  std::vector<float> parameters;
  for (const client::Tensor& tensor : best->tensors) {
    parameters.insert(parameters.end(), tensor.values.begin(), tensor.values.end());
  }
  const std::vector<double> test =
      Returns(options.task, parameters,
              {.seed = found->spec().seed(), .count = kTestEpisodes, .set = EpisodeSet::kTest});
  return ReportOf(options.task, *found, test);
}

}  // namespace

int Run(const RunOptions& options, std::ostream& out, std::ostream& err,
        const std::stop_token& stop) {
  OwnServer own;
  std::string address = options.server;
  if (address == "embedded") {
    absl::StatusOr<OwnServer> started = OwnServer::Start();
    if (!started.ok()) return Fail(started.status(), err);
    own = *std::move(started);
    address = own.server->address();
  }
  const client::Client client = client::Client::Connect(address, {.total = absl::Seconds(10)});
  const absl::StatusOr<client::Study> study =
      OpenStudy(client, options.study, /*create=*/!options.evaluate_only);
  if (!study.ok()) return Fail(study.status(), err);
  if (!options.evaluate_only) {
    if (absl::Status status = Work(options, *study, err, stop); !status.ok()) {
      return Fail(status, err);
    }
  }
  const absl::StatusOr<Report> report = Judge(options.study, *study);
  if (!report.ok()) return Fail(report.status(), err);
  out << (options.json ? ReportJson(*report) : ReportText(*report)) << std::flush;
  return kDone;
}

}  // namespace polystep::rl
