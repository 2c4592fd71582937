// `polystep ask` and `polystep tell`: one evaluation by hand, at a bench or by a person.
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/lease_ticket.h"
#include "client/cli/proto_json.h"
#include "client/cli/study_text.h"
#include "client/cli/value_text.h"
#include "client/cli/verbs.h"
#include "client/cpp/lease_decoder.h"
#include "client/cpp/request_id.h"

namespace polystep::cli {
namespace {

void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  int64_t seconds = absl::ToInt64Seconds(duration);
  proto->set_seconds(seconds);
  proto->set_nanos(
      static_cast<int32_t>((duration - absl::Seconds(seconds)) / absl::Nanoseconds(1)));
}

nlohmann::ordered_json AskDocument(const v1::AskResponse& response, const std::string& ticket,
                                   const client::Candidate& candidate) {
  nlohmann::ordered_json document = ProtoJson(response);
  document["lease"]["token"] = ticket;
  document["token"] = ticket;
  document["parameters"] = nlohmann::ordered_json::parse(ParametersJson(candidate.parameters));
  return document;
}

void PrintAsk(const client::Candidate& candidate, const v1::Lease& lease, const CommandLine& line,
              const std::string& ticket, std::ostream& out) {
  // What is left is a moment less than what was asked for: shown as whole seconds, rounded.
  absl::Duration ttl = absl::Seconds(lease.ttl().seconds() + (lease.ttl().nanos() >= 500'000'000));
  out << "studies/" << StudyId(line) << " step " << candidate.step << ", evaluation "
      << candidate.index << ", seed " << candidate.evaluation_seed << ", yours for "
      << absl::FormatDuration(ttl) << "\n"
      << ParameterLines(candidate.parameters);
  for (const client::Tensor& tensor : candidate.tensors) {
    out << "  " << tensor.name << ": " << tensor.values.size() << " values (see --json)\n";
  }
  out << "answer with:\n  polystep tell " << StudyId(line) << " --token " << ticket
      << " --loss X\n";
}

}  // namespace

int Ask(const CommandLine& line, Streams& streams, std::stop_token stop) {
  v1::AskRequest request;
  request.set_worker(client::DrawWorkerName());
  request.set_request_id(client::DrawRequestId());
  request.set_max_evaluations(1);
  SetDuration(absl::Seconds(line.wait_s), request.mutable_wait());
  if (!line.ttl.empty()) {
    absl::StatusOr<absl::Duration> ttl = ParseDurationText(line.ttl);
    if (!ttl.ok()) {
      return Usage(absl::InvalidArgumentError(absl::StrCat("--ttl: ", ttl.status().message())),
                   streams);
    }
    SetDuration(*ttl, request.mutable_lease_ttl());
  }
  client::Study study = Connect(line).GetStudy(StudyId(line));
  absl::StatusOr<v1::Study> found = study.Get();
  if (!found.ok()) return Report(found.status(), streams);
  client::LeaseDecoder decoder(found->spec());
  for (v1::AskRequest::Encoding encoding : decoder.encodings()) request.add_encodings(encoding);
  client::CallOptions call{.timeout = absl::Seconds(line.wait_s + 10), .stop = std::move(stop)};
  absl::StatusOr<v1::AskResponse> response = study.Ask(std::move(request), call);
  if (!response.ok()) return Report(response.status(), streams);
  if (!response->has_lease()) {
    std::string state = v1::Study::State_Name(response->study_state());
    return Report(
        absl::NotFoundError(absl::StrCat("nothing to evaluate now: ", study.name(), " is ", state)),
        streams);
  }
  const v1::Lease& lease = response->lease();
  if (absl::Status status = decoder.Check(lease); !status.ok()) return Report(status, streams);
  client::Candidate candidate =
      decoder.Decode(std::make_shared<v1::Lease>(lease), nullptr, 0, 1).front();
  std::string ticket =
      FormatTicket({study.name(), lease.token(), lease.step(), lease.first_index()});
  if (line.json) {
    streams.out << AskDocument(*response, ticket, candidate).dump(2) << "\n";
  } else {
    PrintAsk(candidate, lease, line, ticket, streams.out);
  }
  return kDone;
}

int Tell(const CommandLine& line, Streams& streams) {
  client::Study study = Connect(line).GetStudy(StudyId(line));
  absl::StatusOr<LeaseTicket> ticket = ParseTicket(line.token, study.name(), line.step, line.index);
  if (!ticket.ok()) return Usage(ticket.status(), streams);
  v1::TellRequest request;
  request.set_token(ticket->token);
  request.set_step(ticket->step);
  v1::LossSlice* slice = request.add_slices();
  slice->set_first_index(ticket->index);
  slice->add_losses(line.loss.value_or(std::numeric_limits<double>::quiet_NaN()));
  if (line.violation) slice->add_violations(*line.violation);
  if (line.infeasible) {
    v1::Failure* failure = slice->add_failures();
    failure->set_index(ticket->index);
    failure->set_kind(v1::Failure::INFEASIBLE);
    failure->set_message(*line.infeasible);
  }
  absl::StatusOr<v1::TellResponse> response = study.Tell(std::move(request));
  if (!response.ok()) return Report(response.status(), streams);
  if (line.json) {
    streams.out << ProtoJson(*response).dump(2) << "\n";
    return kDone;
  }
  const char* what = response->accepted() > 0      ? "accepted"
                     : response->duplicate() > 0   ? "known already (equal)"
                     : response->conflicting() > 0 ? "known already with another loss, which stays"
                                                   : "too late: its step is committed";
  streams.out << what << "\n";
  return kDone;
}

}  // namespace polystep::cli
