#include "server/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "polystep/v1/server_service.pb.h"
#include "server/engine/limits.h"
#include "server/rpc/evaluation_calls.h"
#include "server/rpc/resource_names.h"
#include "server/rpc/services.h"
#include "server/rpc/study_calls.h"
#include "server/rpc/time_proto.h"

namespace polystep {
namespace {

constexpr int kMaxStreams = 4096;                 // calls at a time on one connection
constexpr size_t kMemoryQuota = size_t{1} << 30;  // of gRPC's buffers
constexpr int kMinPingIntervalMs = 5'000;         // clients may ping every 10 s
constexpr int kKeepaliveMs = 60'000;              // a silent connection is pinged
constexpr int kKeepaliveTimeoutMs = 20'000;       // and closed

v1::ServerInfo Facts(const RpcServer::Options& options) {
  v1::ServerInfo info;
  info.set_version(options.version);
  info.add_encodings(v1::AskRequest::NAMED);
  info.add_encodings(v1::AskRequest::DENSE);
  info.add_encodings(v1::AskRequest::BLOCK);
  info.add_encodings(v1::AskRequest::SUBSPACE);
  info.add_algorithm_revisions(kAlgorithmRevision);
  v1::Limits& limits = *info.mutable_limits();
  limits.set_max_studies(options.limits.max_studies);
  limits.set_max_parameters(kMaxParameters);
  limits.set_max_coordinates(kMaxCoordinates);
  limits.set_max_dense_dimension(static_cast<int64_t>(limits::kCandidateValues));
  limits.set_max_lease_bytes(static_cast<int64_t>(limits::kResponseBytes));
  limits.set_max_request_bytes(RpcServer::kMaxRequestBytes);
  *limits.mutable_max_wait() = DurationToProto(options.limits.max_wait);
  limits.set_max_page_size(kMaxPageSize);
  limits.set_max_waiters(options.limits.max_waiters);
  return info;
}

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(RpcServer::kMaxRequestBytes);
  // Two servers on one port would share its calls without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  grpc::ResourceQuota quota("polystep");
  quota.Resize(kMemoryQuota);
  builder.SetResourceQuota(quota);
}

class RunningServer final : public RpcServer {
 public:
  RunningServer(const Options& options, Engine* engine)
      : study_calls_(engine),
        evaluation_calls_(engine),
        services_{MakeStudyService(&study_calls_), MakeEvaluationService(&evaluation_calls_),
                  MakeServerService(Facts(options))} {}
  ~RunningServer() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Bind(const std::string& listen) {
    static std::once_flag plugins;
    std::call_once(plugins, [] {
      grpc::EnableDefaultHealthCheckService(true);
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    });
    grpc::ServerBuilder builder;
    SetLimits(builder);
    int port = 0;
    builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot listen on ", listen, ": the address is in use or not of this host"));
    }
    address_ = absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
    SetServing(true);
    return absl::OkStatus();
  }

  const std::string& address() const override { return address_; }

  void SetServing(bool serving) override {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    for (const char* name : {"", "polystep.v1.StudyService", "polystep.v1.EvaluationService"}) {
      health->SetServingStatus(name, serving);
    }
  }

  int64_t tells() const override { return evaluation_calls_.tells(); }

  void Shutdown(absl::Duration grace) override {
    if (server_ == nullptr) return;
    study_calls_.EndWatches();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
    server_ = nullptr;
  }

 private:
  StudyCalls study_calls_;
  EvaluationCalls evaluation_calls_;
  const std::unique_ptr<grpc::Service> services_[3];
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(Options options, Engine* engine) {
  auto server = std::make_unique<RunningServer>(options, engine);
  absl::Status bound = server->Bind(options.listen);
  if (!bound.ok()) return bound;
  return server;
}

}  // namespace polystep
