#include "client/cli/verbs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cpp/status_details.h"

namespace polystep::cli {

int RunVerb(const CommandLine& line, Streams& streams, std::stop_token stop) {
  if (line.verb == "worker") return Worker(line, streams, stop);
  if (line.verb == "minimize") return Minimize(line, streams, stop);
  if (line.verb == "best") return Best(line, streams);
  if (line.verb == "ask") return Ask(line, streams, stop);
  if (line.verb == "tell") return Tell(line, streams);
  return StudyVerb(line, streams, stop);
}

client::Client Connect(const CommandLine& line) {
  return client::Client::Connect(line.server, {.total = absl::Seconds(5)});
}

std::string StudyId(const CommandLine& line) {
  return std::string(absl::StripPrefix(line.name, "studies/"));
}

absl::StatusOr<std::map<std::string, std::string>> ParseLabels(const CommandLine& line) {
  std::map<std::string, std::string> labels;
  for (const std::string& label : line.labels) {
    size_t equals = label.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("--label ", label, ": not KEY=VALUE"));
    }
    labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return labels;
}

int Report(const absl::Status& status, Streams& streams) {
  bool unreachable = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  streams.err << "polystep: " << (unreachable ? "the server cannot be reached: " : "")
              << client::ErrorText(status) << "\n";
  return unreachable ? kUnreachable : kFailed;
}

int Usage(const absl::Status& status, Streams& streams) {
  streams.err << "polystep: " << status.message() << "\n";
  return kUsage;
}

}  // namespace polystep::cli
