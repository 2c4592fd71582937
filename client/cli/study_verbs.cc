// `polystep study ...`.
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/proto_json.h"
#include "client/cli/spec_file.h"
#include "client/cli/start_values.h"
#include "client/cli/study_text.h"
#include "client/cli/verbs.h"

namespace polystep::cli {
namespace {

int Create(const CommandLine& line, Streams& streams) {
  absl::StatusOr<v1::StudySpec> spec = ReadSpec(line.spec);
  if (!spec.ok()) return Usage(spec.status(), streams);
  client::Client::CreateOptions options;
  options.display_name = line.display_name;
  options.validate_only = line.validate_only;
  absl::StatusOr<std::map<std::string, std::string>> labels = ParseLabels(line);
  if (!labels.ok()) return Usage(labels.status(), streams);
  options.labels = *std::move(labels);
  const client::Client client = Connect(line);
  absl::Status uploaded = UploadStartValues(client, line.spec, *spec);
  if (!uploaded.ok()) return Report(uploaded, streams);
  absl::StatusOr<v1::Study> study = client.CreateStudy(StudyId(line), *spec, options);
  if (!study.ok()) return Report(study.status(), streams);
  if (line.json) {
    streams.out << ProtoJson(*study).dump(2) << "\n";
  } else {
    streams.out << (line.validate_only ? "valid: " : "created ") << study->name() << "\n";
  }
  return kDone;
}

int List(const CommandLine& line, Streams& streams) {
  absl::StatusOr<std::vector<v1::Study>> studies =
      Connect(line).ListStudies(static_cast<size_t>(line.limit));
  if (!studies.ok()) return Report(studies.status(), streams);
  if (line.json) {
    v1::ListStudiesResponse document;
    for (v1::Study& study : *studies) *document.add_studies() = std::move(study);
    streams.out << ProtoJson(document).dump(2) << "\n";
    return kDone;
  }
  streams.out << StudyTitles();
  for (const v1::Study& study : *studies) streams.out << StudyRow(study);
  return kDone;
}

int Steps(const CommandLine& line, Streams& streams) {
  absl::StatusOr<std::vector<v1::StepRecord>> steps =
      Connect(line).GetStudy(StudyId(line)).Steps(line.first_step, static_cast<size_t>(line.limit));
  if (!steps.ok()) return Report(steps.status(), streams);
  if (line.json) {
    v1::ListStepsResponse document;
    for (v1::StepRecord& step : *steps) *document.add_steps() = std::move(step);
    streams.out << ProtoJson(document).dump(2) << "\n";
    return kDone;
  }
  streams.out << StepTitles();
  for (const v1::StepRecord& step : *steps) streams.out << StepRow(step);
  return kDone;
}

// A line per step and change of state; with --json a document per message.
int Watch(const CommandLine& line, Streams& streams, std::stop_token stop) {
  v1::Study::State state = v1::Study::STATE_UNSPECIFIED;
  if (!line.json) streams.out << StepTitles();
  absl::Status status = Connect(line)
                            .GetStudy(StudyId(line))
                            .Watch(
                                line.first_step,
                                [&](const v1::WatchStudyResponse& update) {
                                  if (line.json) {
                                    streams.out << ProtoJson(update).dump() << std::endl;
                                  } else {
                                    for (const v1::StepRecord& step : update.steps())
                                      streams.out << StepRow(step);
                                    if (update.study().state() != state) {
                                      streams.out << v1::Study::State_Name(update.study().state())
                                                  << " " << update.study().state_reason() << "\n";
                                    }
                                    streams.out.flush();
                                  }
                                  state = update.study().state();
                                  return true;
                                },
                                stop);
  if (!status.ok()) return Report(status, streams);
  return state == v1::Study::FAILED ? kFailed : kDone;
}

int Delete(const CommandLine& line, Streams& streams) {
  absl::Status status = Connect(line).GetStudy(StudyId(line)).Delete();
  if (!status.ok()) return Report(status, streams);
  if (line.json) {
    streams.out << "{}\n";
  } else {
    streams.out << "deleted studies/" << StudyId(line) << "\n";
  }
  return kDone;
}

}  // namespace

int StudyVerb(const CommandLine& line, Streams& streams, std::stop_token stop) {
  if (line.verb == "study create") return Create(line, streams);
  if (line.verb == "study list") return List(line, streams);
  if (line.verb == "study steps") return Steps(line, streams);
  if (line.verb == "study watch") return Watch(line, streams, stop);
  if (line.verb == "study delete") return Delete(line, streams);
  using Method = absl::StatusOr<v1::Study> (client::Study::*)() const;
  static const std::map<std::string, Method> methods = {{"study get", &client::Study::Get},
                                                        {"study pause", &client::Study::Pause},
                                                        {"study resume", &client::Study::Resume},
                                                        {"study stop", &client::Study::Stop}};
  client::Study named = Connect(line).GetStudy(StudyId(line));
  absl::StatusOr<v1::Study> study = (named.*methods.at(line.verb))();
  if (!study.ok()) return Report(study.status(), streams);
  if (line.json) {
    streams.out << ProtoJson(*study).dump(2) << "\n";
  } else {
    streams.out << (line.verb == "study get" ? StudyPage(*study)
                                             : StudyTitles() + StudyRow(*study));
  }
  return kDone;
}

}  // namespace polystep::cli
