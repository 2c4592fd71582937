// StudySpec from the wire, defaults filled in. Field paths are below the study spec
// ("parameters[2].domain"); the caller puts the path of the spec in its request before them.
#ifndef POLYSTEP_SERVER_RPC_SPEC_FROM_PROTO_H_
#define POLYSTEP_SERVER_RPC_SPEC_FROM_PROTO_H_

#include "absl/status/statusor.h"
#include "polystep/v1/study.pb.h"
#include "server/engine/study_spec.h"

namespace polystep {

// INVALID_ARGUMENT for what plain structs cannot express and for repeats that noise NONE would not
// use; UNIMPLEMENTED for a quorum below 1. Other limits are checked by the engine.
absl::StatusOr<StudySpec> SpecFromProto(const v1::StudySpec& proto);

absl::StatusOr<LeasePolicy> LeasePolicyFromProto(const v1::EvaluationPolicy& proto);
absl::StatusOr<StopCriteria> StopCriteriaFromProto(const v1::StopCriteria& proto);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SPEC_FROM_PROTO_H_
