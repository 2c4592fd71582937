// StudySpec to the wire, with every default shown. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_SPEC_TO_PROTO_H_
#define POLYSTEP_SERVER_RPC_SPEC_TO_PROTO_H_

#include "polystep/v1/space.pb.h"
#include "polystep/v1/study.pb.h"
#include "server/engine/study_spec.h"

namespace polystep {

v1::StudySpec SpecToProto(const StudySpec& spec);

// Sets `value` to the case of the domain. `value` holds what the domain takes.
v1::ParameterValue ValueToProto(const ParameterSpec& spec, const Value& value);

v1::EvaluationPolicy EvaluationToProto(const StudySpec& spec);
v1::StopCriteria StopCriteriaToProto(const StopCriteria& stop);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SPEC_TO_PROTO_H_
