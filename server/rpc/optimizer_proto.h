// OptimizerSpec and Schedule <-> the wire. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_OPTIMIZER_PROTO_H_
#define POLYSTEP_SERVER_RPC_OPTIMIZER_PROTO_H_

#include "absl/status/statusor.h"
#include "core/search/optimizer_spec.h"
#include "polystep/v1/optimizer.pb.h"

namespace polystep {

// Field paths are below the study spec ("optimizer.epsilon.initial"). Limits that a method sets are
// core's business.
absl::StatusOr<OptimizerSpec> OptimizerFromProto(const v1::OptimizerSpec& proto);

v1::OptimizerSpec OptimizerToProto(const OptimizerSpec& optimizer);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_OPTIMIZER_PROTO_H_
