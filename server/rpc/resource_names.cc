#include "server/rpc/resource_names.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/engine/validate.h"

namespace polystep {
namespace {

constexpr char kCollection[] = "studies/";
constexpr size_t kShownBytes = 100;  // of a refused name in its error

}  // namespace

std::string StudyName(const std::string& id) { return absl::StrCat(kCollection, id); }

absl::StatusOr<std::string> StudyIdFromName(const std::string& field, const std::string& name) {
  if (name.starts_with(kCollection)) {
    std::string id = name.substr(sizeof(kCollection) - 1);
    if (ValidateStudyId(field, id).ok()) return id;
  }
  return FieldError(field, absl::StrCat("\"", absl::CHexEscape(name.substr(0, kShownBytes)),
                                        "\" is no study name: studies/{study_id}, with 1 to 63 "
                                        "characters a-z, 0-9 and '-', no '-' at either end"));
}

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return FieldError("page_size", absl::StrCat("must not be negative, is ", requested));
  }
  if (requested == 0) return kDefaultPageSize;
  return std::min<int>(requested, kMaxPageSize);
}

std::string PageToken(const std::string& kind, const std::string& position) {
  return absl::WebSafeBase64Escape(absl::StrCat(kind, ":", position));
}

absl::StatusOr<std::string> PagePosition(const std::string& kind, const std::string& token) {
  std::string decoded;
  if (absl::WebSafeBase64Unescape(token, &decoded)) {
    std::string prefix = kind + ":";
    if (decoded.starts_with(prefix) && decoded.size() > prefix.size()) {
      return decoded.substr(prefix.size());
    }
  }
  return FieldError("page_token", "is not a token of this list");
}

}  // namespace polystep
