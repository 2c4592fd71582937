// `polystep worker`: evaluates candidates of a study with a command until the study ends.
#include <chrono>
#include <mutex>
#include <string>
#include <utility>

#include "client/cli/child_process.h"
#include "client/cli/persistent.h"
#include "client/cli/simulator_verb.h"
#include "client/cli/verbs.h"
#include "nlohmann/json.hpp"

namespace polystep::cli {

absl::StatusOr<client::Evaluator> MakeEvaluator(const CommandLine& line, int slots) {
  PrepareForChildren();
  SimulatorOptions options;
  options.command = line.command;
  if (line.timeout_s) {
    options.timeout = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(*line.timeout_s));
  }
  options.retry_failures = line.on_failure == "retry";
  return line.persistent ? MakePersistentSimulator(std::move(options), slots)
                         : MakeSimulator(std::move(options));
}

int WorkerExitCode(const client::WorkerSummary& summary, Streams& streams) {
  if (summary.cannot_run) return Usage(summary.status, streams);
  if (!summary.status.ok()) return Report(summary.status, streams);
  return summary.study_state == v1::Study::FAILED ? kFailed : kDone;
}

int Worker(const CommandLine& line, Streams& streams, std::stop_token stop) {
  int slots = line.slots > 0 ? line.slots : 1;
  absl::StatusOr<std::map<std::string, std::string>> labels = ParseLabels(line);
  if (!labels.ok()) return Usage(labels.status(), streams);
  absl::StatusOr<client::Evaluator> evaluator = MakeEvaluator(line, slots);
  if (!evaluator.ok()) return Usage(evaluator.status(), streams);
  // A server that was never there is reported soon; one that goes away later is waited for.
  const client::Client first = Connect(line);
  absl::Status found = StudyId(line) == "-" ? first.ServerInfo().status()
                                            : first.GetStudy(StudyId(line)).Get().status();
  if (!found.ok()) return Report(found, streams);

  client::Client client =
      client::Client::Connect(line.server, {.total = absl::Seconds(line.outage_s)});
  client::WorkerOptions options;
  options.slots = slots;
  options.labels = *std::move(labels);
  options.stop = stop;
  std::mutex mutex;
  options.log = [&](const std::string& text) {
    std::lock_guard<std::mutex> lock(mutex);
    streams.err << "polystep worker: " << text << "\n";
  };
  client::WorkerSummary summary =
      client.GetStudy(StudyId(line)).RunWorker(*std::move(evaluator), std::move(options));
  nlohmann::ordered_json counts = {{"studyState", v1::Study::State_Name(summary.study_state)},
                                   {"leases", summary.leases},
                                   {"evaluations", summary.evaluations},
                                   {"infeasible", summary.infeasible},
                                   {"transient", summary.transient},
                                   {"accepted", summary.accepted},
                                   {"duplicate", summary.duplicate},
                                   {"stale", summary.stale},
                                   {"conflicting", summary.conflicting},
                                   {"fenced", summary.fenced}};
  if (line.json) {
    streams.out << counts.dump(2) << "\n";
  } else {
    streams.err << "polystep worker: studies/" << StudyId(line) << " "
                << v1::Study::State_Name(summary.study_state) << ", " << summary.evaluations
                << " evaluations here, " << summary.infeasible << " infeasible, "
                << summary.transient << " transient, " << summary.accepted << " accepted, "
                << summary.duplicate << " duplicate, " << summary.stale << " stale\n";
  }
  return WorkerExitCode(summary, streams);
}

}  // namespace polystep::cli
