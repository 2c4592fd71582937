#include "core/base/field_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace polystep {
namespace {

constexpr std::string_view kFieldUrl = "polystep/field";
constexpr std::string_view kDescriptionUrl = "polystep/description";

}  // namespace

absl::Status FieldError(std::string_view field, std::string_view description) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(field, ": ", description));
  status.SetPayload(kFieldUrl, absl::Cord(field));
  status.SetPayload(kDescriptionUrl, absl::Cord(description));
  return status;
}

absl::Status PrefixField(absl::Status status, std::string_view prefix) {
  std::optional<FieldViolation> violation = GetFieldViolation(status);
  if (!violation) return status;
  return FieldError(absl::StrCat(prefix, violation->field), violation->description);
}

std::optional<FieldViolation> GetFieldViolation(const absl::Status& status) {
  auto field = status.GetPayload(kFieldUrl);
  auto description = status.GetPayload(kDescriptionUrl);
  if (!field || !description) return std::nullopt;
  return FieldViolation{std::string(*field), std::string(*description)};
}

}  // namespace polystep
