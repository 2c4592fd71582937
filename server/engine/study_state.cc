#include "server/engine/study_state.h"

#include "absl/strings/str_cat.h"
#include "server/engine/status.h"

namespace polystep {
namespace {

bool IsAllowed(StudyState from, StudyState to) {
  switch (from) {
    case StudyState::kActive:
      return to != StudyState::kActive;
    case StudyState::kPaused:
      return to != StudyState::kPaused;
    case StudyState::kSucceeded:
      return to == StudyState::kActive;
    case StudyState::kStopped:
    case StudyState::kFailed:
      return false;
  }
  return false;
}

}  // namespace

const char* StateName(StudyState state) {
  switch (state) {
    case StudyState::kActive:
      return "ACTIVE";
    case StudyState::kPaused:
      return "PAUSED";
    case StudyState::kSucceeded:
      return "SUCCEEDED";
    case StudyState::kStopped:
      return "STOPPED";
    case StudyState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

bool IsFinished(StudyState state) {
  return state != StudyState::kActive && state != StudyState::kPaused;
}

absl::Status Transition(StudyState& state, StudyState to) {
  if (!IsAllowed(state, to)) {
    return WithReason(absl::FailedPreconditionError(absl::StrCat(
                          "a study that is ", StateName(state), " cannot become ", StateName(to))),
                      reason::kStudyState);
  }
  state = to;
  return absl::OkStatus();
}

}  // namespace polystep
