#include "tests/bench/scale/idle_polls.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/base/check.h"
#include "tests/bench/process_use.h"
#include "tests/e2e/crash/server_process.h"

namespace polystep::bench {
namespace {

constexpr int kPollsPerConnection = 1000;
constexpr absl::Duration kDeadline = absl::Seconds(40);
constexpr absl::Duration kSettle = absl::Seconds(4);
constexpr absl::Duration kWatch = absl::Seconds(10);

struct Poll {
  grpc::ClientContext context;
  v1::AskRequest request;
  v1::AskResponse response;
  absl::Time start;
};

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::string Name(int study) { return absl::StrCat("idle-", study); }

// A study whose only step is leased out for an hour.
void MakeBusyStudy(v1::StudyService::Stub& studies, v1::EvaluationService::Stub& evaluations,
                   int number) {
  v1::CreateStudyRequest request;
  request.set_study_id(Name(number));
  v1::StudySpec& spec = *request.mutable_study()->mutable_spec();
  spec.set_seed(1);
  spec.mutable_evaluation()->set_backup_leases(false);
  for (const char* name : {"x", "y", "z"}) {
    v1::ParameterSpec& parameter = *spec.add_parameters();
    parameter.set_name(name);
    parameter.mutable_real()->set_min(0);
    parameter.mutable_real()->set_max(1);
  }
  grpc::ClientContext creation, asking;
  v1::Study study;
  Check(studies.CreateStudy(&creation, request, &study).ok(), "a study was not made");
  v1::AskRequest ask;
  ask.set_study(study.name());
  ask.set_worker("holder");
  ask.set_max_evaluations(1000);
  ask.mutable_lease_ttl()->set_seconds(3600);
  ask.mutable_wait()->set_seconds(5);
  v1::AskResponse answer;
  Check(evaluations.Ask(&asking, ask, &answer).ok() && answer.has_lease(), "no lease to hold");
}

}  // namespace

PollsResult RunIdlePolls(int studies, int polls, const std::string& folder) {
  auto server = ServerProcess::Start({.data = folder + "/data", .log = folder + "/polystepd.log"});
  if (!server.ok()) std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
  Check(server.ok(), "polystepd does not start (POLYSTEP_BIN names its folder)");
  const pid_t pid = (*server)->pid();
  PollsResult result{.studies = studies, .polls = polls};
  result.deadline_s = absl::ToDoubleSeconds(kDeadline);
  auto first = Connect((*server)->address());
  auto making = v1::StudyService::NewStub(first);
  auto holding = v1::EvaluationService::NewStub(first);
  for (int i = 0; i < studies; ++i) MakeBusyStudy(*making, *holding, i);
  const double before = static_cast<double>(ResidentBytes(pid));
  result.studies_mib = before / (1 << 20);

  std::vector<std::unique_ptr<v1::EvaluationService::Stub>> stubs;
  std::deque<Poll> calls(static_cast<size_t>(polls));
  absl::BlockingCounter answered(polls);
  std::mutex mutex;  // of the result
  for (int i = 0; i < polls; ++i) {
    if (i % kPollsPerConnection == 0) {
      stubs.push_back(v1::EvaluationService::NewStub(Connect((*server)->address())));
    }
    Poll& poll = calls[static_cast<size_t>(i)];
    poll.request.set_study(absl::StrCat("studies/", Name(i % studies)));
    poll.request.set_worker(absl::StrCat("idle-", i));
    poll.request.mutable_wait()->set_seconds(60);  // the server answers before the deadline
    poll.start = absl::Now();
    poll.context.set_deadline(absl::ToChronoTime(poll.start + kDeadline));
    stubs.back()->async()->Ask(
        &poll.context, &poll.request, &poll.response, [&](const grpc::Status& status) {
          const double took = absl::ToDoubleSeconds(absl::Now() - poll.start);
          {
            std::lock_guard<std::mutex> lock(mutex);
            if (!status.ok() && result.failed == 0) {
              std::fprintf(stderr, "a poll failed: %s\n", status.error_message().c_str());
            }
            result.failed += !status.ok();
            result.latest_s = std::max(result.latest_s, took);
          }
          answered.DecrementCount();
        });
  }
  absl::SleepFor(kSettle);
  const absl::Duration cpu = ProcessorTime(pid);
  absl::SleepFor(kWatch);
  result.cpu_share = absl::FDivDuration(ProcessorTime(pid) - cpu, kWatch);
  result.polls_mib = (static_cast<double>(ResidentBytes(pid)) - before) / (1 << 20);
  answered.Wait();
  return result;
}

}  // namespace polystep::bench
