#include "core/space/spec_validation.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/space/domain_map.h"

namespace polystep {
namespace {

absl::Status ValidateText(const std::string& field, std::string_view text, size_t limit) {
  if (text.empty()) return FieldError(field, "must not be empty");
  if (text.size() > limit) {
    return FieldError(field, absl::StrCat("has ", text.size(), " bytes, the limit is ", limit));
  }
  if (!IsValidUtf8(text)) return FieldError(field, "is not valid UTF-8");
  return absl::OkStatus();
}

absl::Status ValidateFinite(const std::string& field, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return FieldError(field, absl::StrCat("must be finite, is ", value));
}

absl::Status ValidateScale(const std::string& prefix, Scale scale, double min, double max) {
  if ((scale == Scale::kLog || scale == Scale::kReverseLog) && min <= 0.0) {
    return FieldError(absl::StrCat(prefix, ".min"),
                      absl::StrCat("must be above 0 for a logarithmic scale, is ", min));
  }
  if (scale == Scale::kLogit && min <= 0.0) {
    return FieldError(absl::StrCat(prefix, ".min"),
                      absl::StrCat("must be above 0 for the logit scale, is ", min));
  }
  if (scale == Scale::kLogit && max >= 1.0) {
    return FieldError(absl::StrCat(prefix, ".max"),
                      absl::StrCat("must be below 1 for the logit scale, is ", max));
  }
  if (scale > Scale::kLogit) return FieldError(absl::StrCat(prefix, ".scale"), "is unknown");
  return absl::OkStatus();
}

absl::Status OutsideError(const std::string& prefix, double value, double min, double max) {
  return FieldError(absl::StrCat(prefix, ".initial"),
                    absl::StrCat("is ", value, ", outside [", min, ", ", max, "]"));
}

absl::Status ValidateDomain(const std::string& path, const RealDomain& domain) {
  std::string prefix = absl::StrCat(path, ".real");
  if (domain.min.has_value() != domain.max.has_value()) {
    return FieldError(absl::StrCat(prefix, domain.min ? ".max" : ".min"),
                      "min and max are given both or not at all");
  }
  if (domain.initial) {
    if (absl::Status s = ValidateFinite(absl::StrCat(prefix, ".initial"), *domain.initial);
        !s.ok()) {
      return s;
    }
  }
  if (!domain.min) {
    if (domain.scale == Scale::kLinear) return absl::OkStatus();
    return FieldError(absl::StrCat(prefix, ".scale"), "must be linear without min and max");
  }
  if (absl::Status s = ValidateFinite(absl::StrCat(prefix, ".min"), *domain.min); !s.ok()) {
    return s;
  }
  if (absl::Status s = ValidateFinite(absl::StrCat(prefix, ".max"), *domain.max); !s.ok()) {
    return s;
  }
  if (*domain.min > *domain.max) {
    return FieldError(absl::StrCat(prefix, ".min"),
                      absl::StrCat("is ", *domain.min, ", above max ", *domain.max));
  }
  if (absl::Status s = ValidateScale(prefix, domain.scale, *domain.min, *domain.max); !s.ok()) {
    return s;
  }
  if (domain.initial && (*domain.initial < *domain.min || *domain.initial > *domain.max)) {
    return OutsideError(prefix, *domain.initial, *domain.min, *domain.max);
  }
  return absl::OkStatus();
}

absl::Status ValidateDomain(const std::string& path, const IntegerDomain& domain) {
  std::string prefix = absl::StrCat(path, ".integer");
  for (auto [name, value] : {std::pair{".min", domain.min}, std::pair{".max", domain.max}}) {
    if (value < -kMaxInteger || value > kMaxInteger) {
      return FieldError(absl::StrCat(prefix, name),
                        absl::StrCat("is ", value, ", the limit is +-2^53"));
    }
  }
  if (domain.min > domain.max) {
    return FieldError(absl::StrCat(prefix, ".min"),
                      absl::StrCat("is ", domain.min, ", above max ", domain.max));
  }
  if (domain.scale == Scale::kLogit) {
    return FieldError(absl::StrCat(prefix, ".scale"), "logit needs a range inside (0, 1)");
  }
  if (absl::Status s = ValidateScale(prefix, domain.scale, static_cast<double>(domain.min),
                                     static_cast<double>(domain.max));
      !s.ok()) {
    return s;
  }
  if (domain.initial && (*domain.initial < domain.min || *domain.initial > domain.max)) {
    return OutsideError(prefix, static_cast<double>(*domain.initial),
                        static_cast<double>(domain.min), static_cast<double>(domain.max));
  }
  return absl::OkStatus();
}

absl::Status ValidateDomain(const std::string& path, const DiscreteDomain& domain) {
  std::string prefix = absl::StrCat(path, ".discrete");
  std::string field = absl::StrCat(prefix, ".values");
  const auto& values = domain.values;
  if (values.empty()) return FieldError(field, "must not be empty");
  if (values.size() > kMaxDiscreteValues) {
    return FieldError(
        field, absl::StrCat("has ", values.size(), " values, the limit is ", kMaxDiscreteValues));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    std::string item = absl::StrCat(field, "[", i, "]");
    if (absl::Status s = ValidateFinite(item, values[i]); !s.ok()) return s;
    if (i > 0 && !(values[i] > values[i - 1])) {
      return FieldError(item, absl::StrCat("is ", values[i], ", not above the value before it (",
                                           values[i - 1], ")"));
    }
  }
  if (domain.initial) {
    bool known = false;
    for (double value : values) known = known || value == *domain.initial;
    if (!known) {
      return FieldError(absl::StrCat(prefix, ".initial"),
                        absl::StrCat("is ", *domain.initial, ", not one of the values"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateDomain(const std::string& path, const CategoricalDomain& domain) {
  std::string prefix = absl::StrCat(path, ".categorical");
  std::string field = absl::StrCat(prefix, ".choices");
  if (domain.choices.empty()) return FieldError(field, "must not be empty");
  if (domain.choices.size() > kMaxChoices) {
    return FieldError(
        field, absl::StrCat("has ", domain.choices.size(), " choices, the limit is ", kMaxChoices));
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < domain.choices.size(); ++i) {
    std::string item = absl::StrCat(field, "[", i, "]");
    if (absl::Status s = ValidateText(item, domain.choices[i], kMaxChoiceBytes); !s.ok()) return s;
    if (!seen.insert(domain.choices[i]).second) {
      return FieldError(item, absl::StrCat("repeats \"", domain.choices[i], "\""));
    }
  }
  if (domain.initial && !seen.contains(*domain.initial)) {
    return FieldError(absl::StrCat(prefix, ".initial"), "is not one of the choices");
  }
  return absl::OkStatus();
}

absl::Status ValidateDomain(const std::string&, const BooleanDomain&) { return absl::OkStatus(); }

absl::Status ValidateInteger(const std::string& path, const TensorSpec& tensor) {
  if (!tensor.min) return FieldError(path + ".min", "an integer tensor needs min and max");
  for (auto [name, value] : {std::pair{".min", *tensor.min}, std::pair{".max", *tensor.max}}) {
    if (value != std::floor(value) || std::fabs(value) > kMaxTensorInteger) {
      return FieldError(path + name,
                        absl::StrCat("is ", value, ", must be a whole number within +-2^24"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateBounds(const std::string& path, const TensorSpec& tensor) {
  if (tensor.min.has_value() != tensor.max.has_value()) {
    return FieldError(path + (tensor.min ? ".max" : ".min"),
                      "min and max are given both or not at all");
  }
  if (tensor.min) {
    if (absl::Status s = ValidateFinite(path + ".min", *tensor.min); !s.ok()) return s;
    if (absl::Status s = ValidateFinite(path + ".max", *tensor.max); !s.ok()) return s;
    if (*tensor.min > *tensor.max) {
      return FieldError(path + ".min",
                        absl::StrCat("is ", *tensor.min, ", above max ", *tensor.max));
    }
  }
  if (tensor.kind == TensorKind::kInteger) return ValidateInteger(path, tensor);
  if (tensor.kind == TensorKind::kBinary) {
    if (!tensor.min) return absl::OkStatus();
    return FieldError(path + ".min", "a binary tensor takes no bounds");
  }
  if (tensor.kind != TensorKind::kReal) return FieldError(path + ".kind", "is unknown");
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (tensor.min && (*tensor.min < -kLargest || *tensor.max > kLargest)) {
    return FieldError(path + (*tensor.min < -kLargest ? ".min" : ".max"),
                      "is outside the range of a float");
  }
  if (tensor.min && !(FloatAtLeast(*tensor.min) <= FloatAtMost(*tensor.max))) {
    return FieldError(path + ".min", absl::StrCat("no float lies between ", *tensor.min,
                                                  " and max ", *tensor.max));
  }
  return absl::OkStatus();
}

absl::Status ValidateTensor(const std::string& path, const TensorSpec& tensor) {
  if (absl::Status s = ValidateText(path + ".name", tensor.name, kMaxNameBytes); !s.ok()) return s;
  if (tensor.shape.empty() || tensor.shape.size() > kMaxTensorRank) {
    return FieldError(
        path + ".shape",
        absl::StrCat("has ", tensor.shape.size(), " dimensions, must have 1 to ", kMaxTensorRank));
  }
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] < 1) {
      return FieldError(absl::StrCat(path, ".shape[", i, "]"),
                        absl::StrCat("is ", tensor.shape[i], ", must be at least 1"));
    }
  }
  const Initializer& initializer = tensor.initializer;
  if (initializer.kind > Initializer::Kind::kUploaded) {
    return FieldError(path + ".initializer.kind", "is unknown");
  }
  if (!std::isfinite(initializer.scale) || initializer.scale < 0.0) {
    return FieldError(path + ".initializer.scale",
                      absl::StrCat("must be finite and at least 0, is ", initializer.scale));
  }
  if (absl::Status s = ValidateFinite(path + ".initializer.constant", initializer.constant);
      !s.ok()) {
    return s;
  }
  return ValidateBounds(path, tensor);
}

absl::Status TooManyCoordinates(const std::string& field, int64_t limit) {
  return FieldError(field, absl::StrCat("the space has more than ", limit, " coordinates"));
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  size_t i = 0;
  auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  while (i < text.size()) {
    const uint8_t lead = byte(i);
    size_t length = lead < 0x80           ? 1
                    : (lead >> 5) == 0x6  ? 2
                    : (lead >> 4) == 0xe  ? 3
                    : (lead >> 3) == 0x1e ? 4
                                          : 0;
    if (length == 0 || length > text.size() - i) return false;
    uint32_t code = length == 1 ? lead : lead & (0x7fU >> length);
    for (size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
      code = (code << 6) | (byte(i + k) & 0x3fU);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10ffff) return false;
    if (code >= 0xd800 && code <= 0xdfff) return false;
    i += length;
  }
  return true;
}

absl::Status ValidateParameters(const std::vector<ParameterSpec>& parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    std::string path = absl::StrCat("parameters[", i, "]");
    if (absl::Status s = ValidateText(path + ".name", parameters[i].name, kMaxNameBytes); !s.ok()) {
      return s;
    }
    absl::Status s = std::visit([&](const auto& domain) { return ValidateDomain(path, domain); },
                                parameters[i].domain);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status ValidateTensors(const std::vector<TensorSpec>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    absl::Status s = ValidateTensor(absl::StrCat("tensors[", i, "]"), tensors[i]);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status ValidateUniqueNames(const std::vector<ParameterSpec>& parameters,
                                 const std::vector<TensorSpec>& tensors) {
  std::map<std::string_view, std::string> first;
  auto check = [&](const std::string& name, std::string path) -> absl::Status {
    auto [found, fresh] = first.emplace(name, path);
    if (fresh) return absl::OkStatus();
    return FieldError(path + ".name",
                      absl::StrCat("\"", name, "\" is already the name of ", found->second));
  };
  for (size_t i = 0; i < parameters.size(); ++i) {
    absl::Status s = check(parameters[i].name, absl::StrCat("parameters[", i, "]"));
    if (!s.ok()) return s;
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    absl::Status s = check(tensors[i].name, absl::StrCat("tensors[", i, "]"));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> CountCoordinates(const std::vector<ParameterSpec>& parameters,
                                         const std::vector<TensorSpec>& tensors, int64_t limit) {
  int64_t total = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto* categorical = std::get_if<CategoricalDomain>(&parameters[i].domain);
    total += categorical ? static_cast<int64_t>(categorical->choices.size()) : 1;
    if (total > limit) return TooManyCoordinates(absl::StrCat("parameters[", i, "]"), limit);
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    int64_t room = limit - total;
    int64_t size = 1;
    for (int64_t extent : tensors[i].shape) {
      if (extent > room / size) {
        return TooManyCoordinates(absl::StrCat("tensors[", i, "].shape"), limit);
      }
      size *= extent;
    }
    total += size;
  }
  return total;
}

}  // namespace polystep
