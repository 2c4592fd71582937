#include "tests/bench/throughput/service_load.h"

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "polystep/v1/evaluation_service.grpc.pb.h"
#include "polystep/v1/study_service.grpc.pb.h"
#include "server/base/check.h"
#include "tests/bench/process_use.h"

namespace polystep::bench {
namespace {

constexpr char kStudy[] = "studies/load";
constexpr int kMostBytes = 8 << 20;
constexpr uint32_t kMostProbes = 64;  // of POLYSTEP_BLOCK

void Require(const grpc::Status& status, const char* what) {
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error_message().c_str());
  Check(status.ok(), what);
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMostBytes);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// A study whose steps have leases of the wanted size for all callers, several times over.
v1::CreateStudyRequest StudyFor(const Cell& cell) {
  const uint64_t wanted =
      std::max<uint64_t>(1'000, 4ull * cell.batch * static_cast<uint64_t>(cell.callers));
  v1::CreateStudyRequest request;
  request.set_study_id("load");
  v1::StudySpec& spec = *request.mutable_study()->mutable_spec();
  spec.set_seed(1);
  v1::OptimizerSpec& optimizer = *spec.mutable_optimizer();
  if (cell.encoding == v1::AskRequest::NAMED) {
    for (uint32_t i = 0; i < cell.dimension; ++i) {
      v1::ParameterSpec& parameter = *spec.add_parameters();
      parameter.set_name(absl::StrCat("parameter_", i));
      parameter.mutable_real()->set_initial(0);  // no bounds: points at them would come twice
    }
  } else {
    v1::TensorSpec& tensor = *spec.add_tensors();
    tensor.set_name("x");
    tensor.add_shape(cell.dimension);
    tensor.set_kind(v1::TensorSpec::REAL);
  }
  const uint64_t probes = wanted / (2 * cell.dimension) + 1;
  if (probes <= kMostProbes) {
    // The cheapest candidates there are: what is measured is the way to the workers and back.
    optimizer.set_method(v1::OptimizerSpec::POLYSTEP_BLOCK);
    optimizer.set_particle_dim(1);
    optimizer.set_probes(static_cast<uint32_t>(probes));
  } else {
    optimizer.set_method(v1::OptimizerSpec::POLYSTEP_POPULATION);
    optimizer.set_particles(static_cast<uint32_t>(probes));
  }
  return request;
}

}  // namespace

struct ServiceLoad::Connection {
  explicit Connection(const std::string& address)
      : stub(v1::EvaluationService::NewStub(Connect(address))) {}

  std::unique_ptr<v1::EvaluationService::Stub> stub;
  v1::AskRequest ask;
  v1::TellRequest tell;  // what is to be told next; without a token: nothing
};

ServiceLoad::ServiceLoad(const std::string& folder, const Cell& cell) : cell_(cell) {
  auto server = ServerProcess::Start({.data = folder + "/data", .log = folder + "/polystepd.log"});
  if (!server.ok()) std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
  Check(server.ok(), "polystepd does not start (POLYSTEP_BIN names its folder)");
  server_ = *std::move(server);
  grpc::ClientContext context;
  v1::Study study;
  Require(v1::StudyService::NewStub(Connect(server_->address()))
              ->CreateStudy(&context, StudyFor(cell), &study),
          "the study was not made");
  for (int i = 0; i < cell.callers; ++i) {
    auto connection = std::make_unique<Connection>(server_->address());
    v1::AskRequest& ask = connection->ask;
    ask.set_study(kStudy);
    ask.set_worker(absl::StrCat("load-", i));
    ask.set_max_evaluations(cell.batch);
    ask.mutable_wait()->set_seconds(1);
    ask.add_encodings(cell.encoding);
    connections_.push_back(std::move(connection));
  }
}

ServiceLoad::~ServiceLoad() = default;

CallResult ServiceLoad::CallOnce(Connection& connection) {
  google::protobuf::Arena arena;
  auto* response = google::protobuf::Arena::CreateMessage<v1::TellResponse>(&arena);
  CallResult result;
  grpc::ClientContext context;
  v1::TellRequest& tell = connection.tell;
  if (tell.token().empty()) {
    Require(connection.stub->Ask(&context, connection.ask, response->mutable_next()),
            "an ask failed");
    result.timed = false;
  } else {
    *tell.mutable_next() = connection.ask;
    Require(connection.stub->Tell(&context, tell, response), "a tell failed");
    result.losses = response->accepted();
    result.bytes_out = tell.ByteSizeLong();
    result.bytes_in = response->ByteSizeLong();
    result.timed = response->committed_step() == tell.step() && response->next().has_lease();
  }
  const v1::Lease& lease = response->next().lease();
  tell.set_token(lease.token());
  tell.set_step(lease.step());
  v1::LossSlice& slice = tell.slices_size() > 0 ? *tell.mutable_slices(0) : *tell.add_slices();
  slice.set_first_index(lease.first_index());
  // Losses of no meaning, but all different.
  slice.mutable_losses()->Resize(static_cast<int>(lease.count()), 0.0);
  for (uint32_t i = 0; i < lease.count(); ++i) {
    const uint32_t mixed = (lease.first_index() + i) * 2654435761u;
    slice.set_losses(static_cast<int>(i), mixed);
  }
  tell.set_study(kStudy);
  return result;
}

Traffic ServiceLoad::Run(absl::Duration duration) {
  return RunCallers(cell_.callers, duration, [&](int caller) {
    return CallOnce(*connections_[static_cast<size_t>(caller)]);
  });
}

absl::Duration ServiceLoad::ProcessorTime() const { return bench::ProcessorTime(server_->pid()); }

}  // namespace polystep::bench
