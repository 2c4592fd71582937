// Parameters, tensors and initial points of a spec, from the wire.
//
// Only what the plain structs cannot express is refused here (a missing domain, an unknown enum
// value, a value of another type); limits are core's business. Field paths are below the study
// spec.
#ifndef POLYSTEP_SERVER_RPC_SPACE_FROM_PROTO_H_
#define POLYSTEP_SERVER_RPC_SPACE_FROM_PROTO_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/search/search.h"
#include "core/space/parameter_spec.h"
#include "polystep/v1/study.pb.h"

namespace polystep {

inline constexpr int kMaxInitialPoints = 1000;

absl::StatusOr<std::vector<ParameterSpec>> ParametersFromProto(const v1::StudySpec& spec);

absl::StatusOr<std::vector<TensorSpec>> TensorsFromProto(const v1::StudySpec& spec);

// Losses become "as minimised" if `negate`. Every parameter and tensor of `search` must be given
// exactly once in every point.
absl::StatusOr<std::vector<InitialPoint>> InitialPointsFromProto(const v1::StudySpec& spec,
                                                                 const SearchSpec& search,
                                                                 bool negate);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_SPACE_FROM_PROTO_H_
