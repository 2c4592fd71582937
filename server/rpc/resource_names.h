// Names ("studies/{study_id}") and pages of the API. Pure functions.
#ifndef POLYSTEP_SERVER_RPC_RESOURCE_NAMES_H_
#define POLYSTEP_SERVER_RPC_RESOURCE_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace polystep {

std::string StudyName(const std::string& id);

// The id in "studies/{study_id}". INVALID_ARGUMENT naming `field` for anything else.
absl::StatusOr<std::string> StudyIdFromName(const std::string& field, const std::string& name);

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// 0: the default; above the limit: the limit; negative: INVALID_ARGUMENT.
absl::StatusOr<int> PageSize(int32_t requested);

// Opaque tokens that carry where the next page starts. A token of another list (`kind`), or one
// that was not made here, is INVALID_ARGUMENT.
std::string PageToken(const std::string& kind, const std::string& position);
absl::StatusOr<std::string> PagePosition(const std::string& kind, const std::string& token);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_RPC_RESOURCE_NAMES_H_
