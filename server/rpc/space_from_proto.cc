#include "server/rpc/space_from_proto.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/field_error.h"
#include "server/rpc/enum_tables.h"

namespace polystep {
namespace {

absl::StatusOr<Domain> RealFromProto(const std::string& path, const v1::RealDomain& proto) {
  RealDomain domain;
  if (proto.has_min()) domain.min = proto.min();
  if (proto.has_max()) domain.max = proto.max();
  if (proto.has_initial()) domain.initial = proto.initial();
  absl::StatusOr<Scale> scale =
      EnumFromProto(absl::StrCat(path, ".real.scale"), kScales, proto.scale());
  if (!scale.ok()) return scale.status();
  domain.scale = *scale;
  return domain;
}

absl::StatusOr<Domain> IntegerFromProto(const std::string& path, const v1::IntegerDomain& proto) {
  if (!proto.has_min()) return FieldError(absl::StrCat(path, ".integer.min"), "is required");
  if (!proto.has_max()) return FieldError(absl::StrCat(path, ".integer.max"), "is required");
  IntegerDomain domain;
  domain.min = proto.min();
  domain.max = proto.max();
  if (proto.has_initial()) domain.initial = proto.initial();
  absl::StatusOr<Scale> scale =
      EnumFromProto(absl::StrCat(path, ".integer.scale"), kScales, proto.scale());
  if (!scale.ok()) return scale.status();
  domain.scale = *scale;
  return domain;
}

absl::StatusOr<Domain> DomainFromProto(const std::string& path, const v1::ParameterSpec& proto) {
  switch (proto.domain_case()) {
    case v1::ParameterSpec::kReal:
      return RealFromProto(path, proto.real());
    case v1::ParameterSpec::kInteger:
      return IntegerFromProto(path, proto.integer());
    case v1::ParameterSpec::kDiscrete: {
      const v1::DiscreteDomain& discrete = proto.discrete();
      DiscreteDomain domain{{discrete.values().begin(), discrete.values().end()}, {}};
      if (discrete.has_initial()) domain.initial = discrete.initial();
      return domain;
    }
    case v1::ParameterSpec::kCategorical: {
      const v1::CategoricalDomain& categorical = proto.categorical();
      CategoricalDomain domain{{categorical.choices().begin(), categorical.choices().end()}, {}};
      if (categorical.has_initial()) domain.initial = categorical.initial();
      return domain;
    }
    case v1::ParameterSpec::kBoolean: {
      BooleanDomain domain;
      if (proto.boolean().has_initial()) domain.initial = proto.boolean().initial();
      return domain;
    }
    case v1::ParameterSpec::DOMAIN_NOT_SET:
      break;
  }
  return FieldError(absl::StrCat(path, ".domain"),
                    "is required: one of real, integer, discrete, categorical, boolean");
}

absl::StatusOr<Initializer> InitializerFromProto(const std::string& path,
                                                 const v1::Initializer& proto) {
  absl::StatusOr<Initializer::Kind> kind =
      EnumFromProto(absl::StrCat(path, ".kind"), kInitializerKinds, proto.kind());
  if (!kind.ok()) return kind.status();
  Initializer initializer;
  initializer.kind = *kind;
  if (proto.has_scale()) initializer.scale = proto.scale();
  if (proto.has_constant()) initializer.constant = proto.constant();
  const bool uploaded = initializer.kind == Initializer::Kind::kUploaded;
  if (uploaded ? proto.content_id().size() != kCenterIdSize : !proto.content_id().empty()) {
    return FieldError(absl::StrCat(path, ".content_id"),
                      uploaded ? absl::StrCat("must be what UploadTensor answered, ", kCenterIdSize,
                                              " hex digits")
                               : "is for kind UPLOADED only");
  }
  initializer.content_id = proto.content_id();
  return initializer;
}

// The value of `proto` as `domain` takes it, or nothing where the case is another one.
std::optional<Value> ValueFromProto(const Domain& domain, const v1::ParameterValue& proto) {
  using Case = v1::ParameterValue::ValueCase;
  static constexpr Case kCases[] = {Case::kReal, Case::kInteger, Case::kDiscrete,
                                    Case::kCategorical, Case::kBoolean};
  if (proto.value_case() != kCases[domain.index()]) return std::nullopt;
  switch (proto.value_case()) {
    case Case::kReal:
      return proto.real();
    case Case::kInteger:
      return proto.integer();
    case Case::kDiscrete:
      return proto.discrete();
    case Case::kCategorical:
      return proto.categorical();
    case Case::kBoolean:
      return proto.boolean();
    case Case::VALUE_NOT_SET:
      break;
  }
  return std::nullopt;
}

// The entry called `name`, given exactly once.
template <class Entries>
absl::StatusOr<int> OnlyEntry(const std::string& path, const Entries& entries,
                              const std::string& name) {
  int found = -1;
  for (int i = 0; i < entries.size(); ++i) {
    if (entries[i].name() != name) continue;
    if (found >= 0) {
      return FieldError(absl::StrCat(path, "[", i, "].name"),
                        absl::StrCat("\"", name, "\" is given twice"));
    }
    found = i;
  }
  if (found < 0) return FieldError(path, absl::StrCat("\"", name, "\" is missing"));
  return found;
}

absl::StatusOr<Point> PointFromProto(const std::string& path, const v1::InitialPoint& proto,
                                     const SearchSpec& search) {
  Point point;
  std::string parameters = absl::StrCat(path, ".parameters");
  if (static_cast<size_t>(proto.parameters_size()) > search.parameters.size()) {
    return FieldError(parameters,
                      absl::StrCat("has ", proto.parameters_size(), " values, the study has ",
                                   search.parameters.size(), " parameters"));
  }
  for (const ParameterSpec& spec : search.parameters) {
    absl::StatusOr<int> entry = OnlyEntry(parameters, proto.parameters(), spec.name);
    if (!entry.ok()) return entry.status();
    std::optional<Value> value = ValueFromProto(spec.domain, proto.parameters(*entry));
    if (!value) {
      return FieldError(absl::StrCat(parameters, "[", *entry, "].value"),
                        absl::StrCat("is not of the domain of \"", spec.name, "\""));
    }
    point.parameters.push_back(*std::move(value));
  }
  std::string tensors = absl::StrCat(path, ".tensors");
  if (static_cast<size_t>(proto.tensors_size()) > search.tensors.size()) {
    return FieldError(tensors, absl::StrCat("has ", proto.tensors_size(),
                                            " tensors, the study has ", search.tensors.size()));
  }
  for (const TensorSpec& spec : search.tensors) {
    absl::StatusOr<int> entry = OnlyEntry(tensors, proto.tensors(), spec.name);
    if (!entry.ok()) return entry.status();
    const auto& values = proto.tensors(*entry).values();
    point.tensors.emplace_back(values.begin(), values.end());
  }
  return point;
}

}  // namespace

absl::StatusOr<std::vector<ParameterSpec>> ParametersFromProto(const v1::StudySpec& spec) {
  if (spec.parameters_size() > kMaxParameters) {
    return FieldError("parameters", absl::StrCat("has ", spec.parameters_size(),
                                                 " entries, the limit is ", kMaxParameters));
  }
  std::vector<ParameterSpec> parameters;
  for (int i = 0; i < spec.parameters_size(); ++i) {
    absl::StatusOr<Domain> domain =
        DomainFromProto(absl::StrCat("parameters[", i, "]"), spec.parameters(i));
    if (!domain.ok()) return domain.status();
    parameters.push_back({spec.parameters(i).name(), *std::move(domain)});
  }
  return parameters;
}

absl::StatusOr<std::vector<TensorSpec>> TensorsFromProto(const v1::StudySpec& spec) {
  if (spec.tensors_size() > kMaxParameters) {
    return FieldError("tensors", absl::StrCat("has ", spec.tensors_size(),
                                              " entries, the limit is ", kMaxParameters));
  }
  std::vector<TensorSpec> tensors;
  for (int i = 0; i < spec.tensors_size(); ++i) {
    const v1::TensorSpec& proto = spec.tensors(i);
    std::string path = absl::StrCat("tensors[", i, "]");
    TensorSpec tensor;
    tensor.name = proto.name();
    tensor.shape.assign(proto.shape().begin(), proto.shape().end());
    if (proto.has_min()) tensor.min = proto.min();
    if (proto.has_max()) tensor.max = proto.max();
    absl::StatusOr<TensorKind> kind =
        EnumFromProto(absl::StrCat(path, ".kind"), kTensorKinds, proto.kind());
    if (!kind.ok()) return kind.status();
    tensor.kind = *kind;
    absl::StatusOr<Initializer> initializer =
        InitializerFromProto(absl::StrCat(path, ".initializer"), proto.initializer());
    if (!initializer.ok()) return initializer.status();
    tensor.initializer = *initializer;
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

absl::StatusOr<std::vector<InitialPoint>> InitialPointsFromProto(const v1::StudySpec& spec,
                                                                 const SearchSpec& search,
                                                                 bool negate) {
  if (spec.initial_points_size() > kMaxInitialPoints) {
    return FieldError("initial_points", absl::StrCat("has ", spec.initial_points_size(),
                                                     " entries, the limit is ", kMaxInitialPoints));
  }
  std::vector<InitialPoint> points;
  for (int i = 0; i < spec.initial_points_size(); ++i) {
    const v1::InitialPoint& proto = spec.initial_points(i);
    absl::StatusOr<Point> point =
        PointFromProto(absl::StrCat("initial_points[", i, "]"), proto, search);
    if (!point.ok()) return point.status();
    InitialPoint initial{*std::move(point), {}};
    if (proto.has_loss()) initial.loss = negate ? -proto.loss() : proto.loss();
    points.push_back(std::move(initial));
  }
  return points;
}

}  // namespace polystep
