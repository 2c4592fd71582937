// UpdateStudy: from a field mask to what changes. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_STUDY_UPDATE_H_
#define POLYSTEP_SERVER_RPC_STUDY_UPDATE_H_

#include "absl/status/statusor.h"
#include "polystep/v1/study_service.pb.h"
#include "server/engine/engine.h"

namespace polystep {

// Fields of the mask are taken from the request (or go back to their default where it has none),
// all others from `current`. Without a mask: every mutable field that the request has set; "*":
// every mutable field. INVALID_ARGUMENT for a path that is unknown or immutable.
absl::StatusOr<UpdateStudyParams> UpdateFromProto(const v1::UpdateStudyRequest& request,
                                                  const StudyView& current);

// Puts "study." or "study.spec." before the field of an error that names it below the study or
// below its spec.
absl::Status InStudy(absl::Status status);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_STUDY_UPDATE_H_
