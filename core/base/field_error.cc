#include "core/base/field_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace polystep {
namespace {

constexpr char kFieldUrl[] = "polystep/field";
constexpr char kDescriptionUrl[] = "polystep/description";

// Abseil before its C++17 builds has a string_view of its own.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status FieldError(std::string_view field, std::string_view description) {
  absl::Status status =
      absl::InvalidArgumentError(absl::StrCat(View(field), ": ", View(description)));
  status.SetPayload(kFieldUrl, absl::Cord(View(field)));
  status.SetPayload(kDescriptionUrl, absl::Cord(View(description)));
  return status;
}

absl::Status PrefixField(absl::Status status, std::string_view prefix) {
  std::optional<FieldViolation> violation = GetFieldViolation(status);
  if (!violation) return status;
  return FieldError(absl::StrCat(View(prefix), violation->field), violation->description);
}

std::optional<FieldViolation> GetFieldViolation(const absl::Status& status) {
  auto field = status.GetPayload(kFieldUrl);
  auto description = status.GetPayload(kDescriptionUrl);
  if (!field || !description) return std::nullopt;
  return FieldViolation{std::string(*field), std::string(*description)};
}

}  // namespace polystep
