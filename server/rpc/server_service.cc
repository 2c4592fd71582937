#include <grpcpp/grpcpp.h>

#include <utility>

#include "polystep/v1/server_service.grpc.pb.h"
#include "server/rpc/reactors.h"
#include "server/rpc/services.h"

namespace polystep {
namespace {

class ServerService final : public v1::ServerService::CallbackService {
 public:
  explicit ServerService(v1::ServerInfo facts) : facts_(std::move(facts)) {}

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest*,
                                          v1::ServerInfo* response) override {
    *response = facts_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::ServerInfo facts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeServerService(v1::ServerInfo facts) {
  return std::make_unique<ServerService>(std::move(facts));
}

}  // namespace polystep
