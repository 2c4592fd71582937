// The three services of the API, as gRPC sees them: handlers of one statement.
#ifndef POLYSTEP_SERVER_RPC_SERVICES_H_
#define POLYSTEP_SERVER_RPC_SERVICES_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "polystep/v1/server_service.pb.h"
#include "server/rpc/evaluation_calls.h"
#include "server/rpc/study_calls.h"

namespace polystep {

// The calls outlive the services. Thread-safe.
std::unique_ptr<grpc::Service> MakeStudyService(StudyCalls* calls);
std::unique_ptr<grpc::Service> MakeEvaluationService(EvaluationCalls* calls);
std::unique_ptr<grpc::Service> MakeServerService(v1::ServerInfo facts);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SERVICES_H_
