// The states of a study and the ways between them. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_STUDY_STATE_H_
#define POLYSTEP_SERVER_ENGINE_STUDY_STATE_H_

#include "absl/status/status.h"
#include "server/engine/engine.h"

namespace polystep {

const char* StateName(StudyState state);  // "ACTIVE"

// Answers no longer count.
bool IsFinished(StudyState state);

// Sets `state` to `to`. FAILED_PRECONDITION (STUDY_STATE) where there is no such way: only a pause
// or a stop criterion can be undone.
absl::Status Transition(StudyState& state, StudyState to);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_STUDY_STATE_H_
