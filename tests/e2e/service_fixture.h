// A whole server in the test's process, and stubs of the generated API to it.
#ifndef POLYSTEP_TESTS_E2E_SERVICE_FIXTURE_H_
#define POLYSTEP_TESTS_E2E_SERVICE_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "polystep/v1/server_service.grpc.pb.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/app/embedded.h"
#include "tests/temp_folder.h"

namespace polystep {

struct Stubs {
  explicit Stubs(const std::string& address)
      : channel(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        studies(v1::StudyService::NewStub(channel)),
        evaluations(v1::EvaluationService::NewStub(channel)),
        server(v1::ServerService::NewStub(channel)),
        health(grpc::health::v1::Health::NewStub(channel)) {}

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::StudyService::Stub> studies;
  std::unique_ptr<v1::EvaluationService::Stub> evaluations;
  std::unique_ptr<v1::ServerService::Stub> server;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
};

// One unary call.
template <class Stub, class Request, class Response>
grpc::Status Invoke(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  return (stub.*method)(&context, request, response);
}

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { StartServer(); }

  void StartServer() {
    auto server = EmbeddedServer::Start({.data = folder_.path() + "/data"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stubs_ = std::make_unique<Stubs>(server_->address());
  }

  // Two reals in [-1, 1], seed 1, `max_steps` steps.
  static v1::CreateStudyRequest SmallStudy(const std::string& id, int64_t max_steps) {
    v1::CreateStudyRequest request;
    request.set_study_id(id);
    v1::StudySpec& spec = *request.mutable_study()->mutable_spec();
    for (const char* name : {"x", "y"}) {
      v1::ParameterSpec& parameter = *spec.add_parameters();
      parameter.set_name(name);
      parameter.mutable_real()->set_min(-1);
      parameter.mutable_real()->set_max(1);
    }
    spec.set_seed(1);
    spec.mutable_stop()->set_max_steps(max_steps);
    return request;
  }

  v1::Study Create(const v1::CreateStudyRequest& request) {
    v1::Study study;
    grpc::Status status =
        Invoke(*stubs_->studies, &v1::StudyService::Stub::CreateStudy, request, &study);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return study;
  }

  v1::Study Get(const std::string& name) {
    v1::GetStudyRequest request;
    request.set_name(name);
    v1::Study study;
    grpc::Status status =
        Invoke(*stubs_->studies, &v1::StudyService::Stub::GetStudy, request, &study);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return study;
  }

  v1::AskResponse Ask(const std::string& name) {
    v1::AskRequest request;
    request.set_study(name);
    request.set_worker("test");
    request.mutable_wait()->set_seconds(10);
    v1::AskResponse response;
    grpc::Status status =
        Invoke(*stubs_->evaluations, &v1::EvaluationService::Stub::Ask, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // (x - 0.3)^2 + y^2 of every candidate.
  static v1::TellRequest Evaluate(const std::string& name, const v1::Lease& lease) {
    v1::TellRequest tell;
    tell.set_study(name);
    tell.set_token(lease.token());
    tell.set_step(lease.step());
    v1::LossSlice& slice = *tell.add_slices();
    slice.set_first_index(lease.first_index());
    for (uint32_t i = 0; i < lease.count(); ++i) {
      double x = lease.named().columns(0).real().values(static_cast<int>(i));
      double y = lease.named().columns(1).real().values(static_cast<int>(i));
      slice.add_losses((x - 0.3) * (x - 0.3) + y * y);
    }
    return tell;
  }

  v1::TellResponse Tell(const v1::TellRequest& request) {
    v1::TellResponse response;
    grpc::Status status =
        Invoke(*stubs_->evaluations, &v1::EvaluationService::Stub::Tell, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // Asks and tells until there is no more work.
  void RunToEnd(const std::string& name) {
    for (v1::AskResponse ask = Ask(name); ask.has_lease(); ask = Ask(name)) {
      Tell(Evaluate(name, ask.lease()));
    }
  }

  TempFolder folder_;
  std::unique_ptr<EmbeddedServer> server_;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_SERVICE_FIXTURE_H_
