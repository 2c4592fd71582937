// What the engine shows of studies and steps, to the wire. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_STUDY_TO_PROTO_H_
#define POLYSTEP_SERVER_RPC_STUDY_TO_PROTO_H_

#include "polystep/v1/study.pb.h"
#include "server/engine/engine.h"

namespace polystep {

v1::Study StudyToProto(const StudyView& study);
v1::StepRecord StepToProto(const StepRow& row);

// Parameters only; tensors go by SolutionChunks (solution_chunks.h).
v1::Solution SolutionToProto(const Engine::SolutionView& solution);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_STUDY_TO_PROTO_H_
