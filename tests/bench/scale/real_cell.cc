#include "tests/bench/scale/real_cell.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cpp/grpc_transport.h"
#include "client/cpp/retry.h"
#include "client/cpp/worker.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/base/check.h"
#include "tests/e2e/crash/server_process.h"

namespace polystep::bench {
namespace {

constexpr char kName[] = "studies/scale";

v1::CreateStudyRequest StudyOf(const ScaleCell& cell) {
  v1::CreateStudyRequest request;
  request.set_study_id("scale");
  v1::StudySpec& spec = *request.mutable_study()->mutable_spec();
  spec.set_seed(1);
  v1::TensorSpec& tensor = *spec.add_tensors();
  tensor.set_name("x");
  tensor.add_shape(2);
  tensor.set_kind(v1::TensorSpec::REAL);
  spec.mutable_optimizer()->set_method(v1::OptimizerSpec::POLYSTEP_POPULATION);
  spec.mutable_optimizer()->set_particles(cell.evaluations() / 4);
  spec.mutable_stop()->set_max_steps(cell.steps);
  return request;
}

absl::Time TimeOf(const v1::StepRecord& step) {
  return absl::FromUnixSeconds(step.commit_time().seconds()) +
         absl::Nanoseconds(step.commit_time().nanos());
}

}  // namespace

ScaleResult RunReal(const ScaleCell& cell, const std::string& folder) {
  auto server = ServerProcess::Start({.data = folder + "/data", .log = folder + "/polystepd.log"});
  if (!server.ok()) std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
  Check(server.ok(), "polystepd does not start (POLYSTEP_BIN names its folder)");
  const std::string address = (*server)->address();
  auto studies =
      v1::StudyService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext creation;
  v1::Study study;
  Check(studies->CreateStudy(&creation, StudyOf(cell), &study).ok(), "the study was not made");
  std::atomic<int64_t> evaluated = 0, slept_ns = 0;
  std::vector<std::thread> workers;
  for (uint32_t i = 0; i < cell.workers; ++i) {
    workers.emplace_back([&, i] {
      const int factor = i < cell.slow ? kSlowFactor : 1;
      auto evaluate = [&](const client::Candidate& candidate, const client::EvaluationContext&) {
        const absl::Time start = absl::Now();
        absl::SleepFor(cell.sleep * factor);
        slept_ns += absl::ToInt64Nanoseconds(absl::Now() - start) / factor;
        ++evaluated;
        return client::EvaluationResult(candidate.index * 2654435761u);
      };
      client::RunWorker(client::MakeRetryingTransport(client::MakeGrpcTransport(address), {}),
                        kName, client::OneByOne(evaluate), {.worker = absl::StrCat("w", i)});
    });
  }
  for (std::thread& worker : workers) worker.join();
  ScaleResult result;
  grpc::ClientContext listing;
  v1::ListStepsRequest request;
  request.set_parent(kName);
  request.set_page_size(1000);
  v1::ListStepsResponse steps;
  Check(studies->ListSteps(&listing, request, &steps).ok(), "the steps were not listed");
  for (int i = kWarmSteps; i < steps.steps_size(); ++i) {
    result.steps.push_back(TimeOf(steps.steps(i)) - TimeOf(steps.steps(i - 1)));
  }
  result.evaluated = evaluated;
  result.sleep_s = 1e-9 * static_cast<double>(slept_ns) / static_cast<double>(evaluated);
  return result;
}

}  // namespace polystep::bench
