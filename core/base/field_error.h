// INVALID_ARGUMENT errors that name the offending field, so that every edge can report it.
#ifndef POLYSTEP_CORE_BASE_FIELD_ERROR_H_
#define POLYSTEP_CORE_BASE_FIELD_ERROR_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace polystep {

// INVALID_ARGUMENT "<field>: <description>", with the field kept as a payload of the status.
// `description` says what was given and the limit.
absl::Status FieldError(std::string_view field, std::string_view description);

// The same status with `prefix` put before its field path ("study.spec." + "parameters[0].name").
// Statuses without a field are returned unchanged.
absl::Status PrefixField(absl::Status status, std::string_view prefix);

struct FieldViolation {
  std::string field;
  std::string description;
};

// What FieldError attached, if anything.
std::optional<FieldViolation> GetFieldViolation(const absl::Status& status);

}  // namespace polystep

#endif  // POLYSTEP_CORE_BASE_FIELD_ERROR_H_
