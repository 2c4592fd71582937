// Values to coordinates: Encode and InitialCoordinates of SearchSpace.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "core/random/random_stream.h"
#include "core/space/domain_map.h"
#include "core/space/search_space.h"

namespace polystep {
namespace {

// Writes the coordinates of one value, or says in `error` why it has none.
class ParameterEncoder {
 public:
  ParameterEncoder(const Value& value, absl::Span<double> out) : value_(value), out_(out) {}

  const std::string& error() const { return error_; }

  void operator()(const RealDomain& domain) {
    const auto* value = std::get_if<double>(&value_);
    if (value == nullptr) return Fail("must be a number");
    if (!std::isfinite(*value)) return Fail(absl::StrCat("must be finite, is ", *value));
    if (domain.min && (*value < *domain.min || *value > *domain.max)) {
      return Fail(absl::StrCat("is ", *value, ", outside [", *domain.min, ", ", *domain.max, "]"));
    }
    out_[0] = EncodeReal(domain, *value);
  }

  void operator()(const IntegerDomain& domain) {
    const auto* value = std::get_if<int64_t>(&value_);
    if (value == nullptr) return Fail("must be an integer");
    if (*value < domain.min || *value > domain.max) {
      return Fail(absl::StrCat("is ", *value, ", outside [", domain.min, ", ", domain.max, "]"));
    }
    out_[0] = EncodeInteger(domain, *value);
  }

  void operator()(const DiscreteDomain& domain) {
    const auto* value = std::get_if<double>(&value_);
    if (value == nullptr) return Fail("must be a number");
    auto found = std::lower_bound(domain.values.begin(), domain.values.end(), *value);
    if (found == domain.values.end() || *found != *value) {
      return Fail(absl::StrCat("is ", *value, ", not one of the values"));
    }
    out_[0] =
        LatticeMiddle(domain.values.size(), static_cast<size_t>(found - domain.values.begin()));
  }

  void operator()(const CategoricalDomain& domain) {
    const auto* value = std::get_if<std::string>(&value_);
    if (value == nullptr) return Fail("must be one of the choices");
    auto found = std::find(domain.choices.begin(), domain.choices.end(), *value);
    if (found == domain.choices.end()) return Fail("is not one of the choices");
    std::fill(out_.begin(), out_.end(), 0.0);
    out_[static_cast<size_t>(found - domain.choices.begin())] = 1.0;
  }

  void operator()(const BooleanDomain&) {
    const auto* value = std::get_if<bool>(&value_);
    if (value == nullptr) return Fail("must be true or false");
    out_[0] = *value ? 0.75 : 0.25;
  }

 private:
  void Fail(std::string error) { error_ = std::move(error); }

  const Value& value_;
  absl::Span<double> out_;
  std::string error_;
};

std::optional<Value> InitialValue(const Domain& domain) {
  return std::visit(
      [](const auto& d) -> std::optional<Value> {
        if (!d.initial) return std::nullopt;
        return Value(*d.initial);
      },
      domain);
}

double InitialElement(const Initializer& initializer, RandomStream& stream) {
  switch (initializer.kind) {
    case Initializer::Kind::kConstant:
      return initializer.constant;
    case Initializer::Kind::kUniform:
      return initializer.scale * (2.0 * stream.Uniform() - 1.0);
    case Initializer::Kind::kNormal:
      return initializer.scale * stream.Normal();
    case Initializer::Kind::kZero:
    case Initializer::Kind::kUploaded:
      break;
  }
  return 0.0;
}

}  // namespace

absl::Status SearchSpace::EncodeParameter(size_t parameter, const Value& value,
                                          absl::Span<double> coordinates) const {
  const Range range = ranges_[parameter];
  ParameterEncoder encoder(value, coordinates.subspan(static_cast<size_t>(range.first),
                                                      static_cast<size_t>(range.size)));
  std::visit(encoder, parameters_[parameter].domain);
  if (encoder.error().empty()) return absl::OkStatus();
  return FieldError(absl::StrCat("parameters[", parameter, "]"),
                    absl::StrCat("\"", parameters_[parameter].name, "\" ", encoder.error()));
}

absl::Status SearchSpace::EncodeTensor(size_t tensor, absl::Span<const float> values,
                                       absl::Span<double> coordinates) const {
  const Range range = tensor_ranges_[tensor];
  std::string field = absl::StrCat("tensors[", tensor, "]");
  if (values.size() != static_cast<size_t>(range.size)) {
    return FieldError(field,
                      absl::StrCat("has ", values.size(), " elements, the shape has ", range.size));
  }
  for (size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k]) || DecodeElement(tensors_[tensor], values[k]) != values[k]) {
      return FieldError(absl::StrCat(field, "[", k, "]"),
                        absl::StrCat("is ", values[k], ", outside its domain"));
    }
    coordinates[static_cast<size_t>(range.first) + k] = static_cast<double>(values[k]);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<double>> SearchSpace::Encode(const Point& point) const {
  if (point.parameters.size() != parameters_.size()) {
    return FieldError("parameters", absl::StrCat("has ", point.parameters.size(),
                                                 " values, the space has ", parameters_.size()));
  }
  if (point.tensors.size() != tensors_.size()) {
    return FieldError("tensors", absl::StrCat("has ", point.tensors.size(),
                                              " entries, the space has ", tensors_.size()));
  }
  std::vector<double> coordinates(coordinates_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    absl::Status s = EncodeParameter(i, point.parameters[i], absl::MakeSpan(coordinates));
    if (!s.ok()) return s;
  }
  for (size_t i = 0; i < tensors_.size(); ++i) {
    absl::Status s = EncodeTensor(i, point.tensors[i], absl::MakeSpan(coordinates));
    if (!s.ok()) return s;
  }
  return coordinates;
}

absl::Status SearchSpace::CheckUploads() const {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const TensorSpec& tensor = tensors_[i];
    if (tensor.initializer.kind != Initializer::Kind::kUploaded) continue;
    const std::string field = absl::StrCat("tensors[", i, "].initializer.content_id");
    if (tensor.initializer.values == nullptr) return FieldError(field, "has no values here");
    const std::vector<float>& values = *tensor.initializer.values;
    const int64_t size = tensor_ranges_[i].size;
    if (values.size() != static_cast<size_t>(size)) {
      return FieldError(field, absl::StrCat("names ", values.size(), " values, the shape of \"",
                                            tensor.name, "\" has ", size, " elements"));
    }
    for (size_t k = 0; k < values.size(); ++k) {
      if (std::isfinite(values[k]) && DecodeElement(tensor, values[k]) == values[k]) continue;
      return FieldError(field, absl::StrCat("value ", k, " is ", values[k],
                                            ", outside the domain of \"", tensor.name, "\""));
    }
  }
  return absl::OkStatus();
}

void SearchSpace::DropUploads() {
  for (TensorSpec& tensor : tensors_) tensor.initializer.values = nullptr;
}

std::vector<double> SearchSpace::InitialCoordinates(uint64_t seed) const {
  std::vector<double> coordinates(coordinates_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const Range range = ranges_[i];
    const bool raw = coordinates_[static_cast<size_t>(range.first)].lower < 0.0;
    std::fill_n(coordinates.begin() + range.first, range.size, raw ? 0.0 : 0.5);
    std::optional<Value> initial = InitialValue(parameters_[i].domain);
    // Create checked it against the domain.
    if (initial) EncodeParameter(i, *initial, absl::MakeSpan(coordinates)).IgnoreError();
  }
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const Range range = tensor_ranges_[i];
    if (const auto& values = tensors_[i].initializer.values; values != nullptr) {
      std::copy(values->begin(), values->end(), coordinates.begin() + range.first);
      continue;
    }
    RandomStream stream(seed, 0, static_cast<uint32_t>(i), Draw::kInitial);
    for (int64_t k = range.first; k < range.first + range.size; ++k) {
      coordinates[static_cast<size_t>(k)] = InitialElement(tensors_[i].initializer, stream);
    }
  }
  Clamp(absl::MakeSpan(coordinates));
  return coordinates;
}

}  // namespace polystep
