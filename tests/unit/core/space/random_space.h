// Random valid specs, points of the whole coordinate range and checks of domains, for properties.
#ifndef POLYSTEP_TESTS_UNIT_CORE_SPACE_RANDOM_SPACE_H_
#define POLYSTEP_TESTS_UNIT_CORE_SPACE_RANDOM_SPACE_H_

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/random/random_stream.h"
#include "core/space/search_space.h"

namespace polystep {

inline int64_t Below(RandomStream& stream, int64_t bound) {
  return static_cast<int64_t>(stream.Uniform() * static_cast<double>(bound));
}

inline Domain RandomDomain(RandomStream& stream) {
  switch (Below(stream, 6)) {
    case 0:
      return RealDomain{};
    case 1: {
      RealDomain domain;
      domain.scale = static_cast<Scale>(Below(stream, 4));
      domain.min = 0.001 + 0.4 * stream.Uniform();
      domain.max = *domain.min + (Below(stream, 5) == 0 ? 0.0 : 0.5 * stream.Uniform());
      return domain;
    }
    case 2: {
      IntegerDomain domain;
      domain.scale = static_cast<Scale>(Below(stream, 3));
      domain.min = 1 + Below(stream, 40);
      domain.max = domain.min + Below(stream, Below(stream, 2) == 0 ? 5 : 1'000'000'000);
      return domain;
    }
    case 3: {
      DiscreteDomain domain;
      double value = 100.0 * stream.Normal();
      for (int64_t n = 0; n <= Below(stream, 30); ++n) {
        domain.values.push_back(value);
        value += 1e-3 + stream.Uniform();
      }
      return domain;
    }
    case 4: {
      CategoricalDomain domain;
      const int64_t count = 1 + Below(stream, 6);
      for (int64_t n = 0; n < count; ++n) domain.choices.push_back(absl::StrCat("choice ", n));
      return domain;
    }
    default:
      return BooleanDomain{};
  }
}

inline TensorSpec RandomTensor(RandomStream& stream) {
  TensorSpec tensor;
  tensor.kind = static_cast<TensorKind>(Below(stream, 3));
  tensor.shape = {1 + Below(stream, 3), 1 + Below(stream, 4)};
  if (tensor.kind == TensorKind::kInteger) {
    tensor.min = static_cast<double>(Below(stream, 20) - 10);
    tensor.max = *tensor.min + static_cast<double>(Below(stream, 5));
  } else if (tensor.kind == TensorKind::kReal && Below(stream, 2) == 0) {
    tensor.min = stream.Normal();
    tensor.max = *tensor.min + 0.01 + stream.Uniform();
  }
  tensor.initializer.kind = static_cast<Initializer::Kind>(Below(stream, 4));
  tensor.initializer.constant = stream.Normal();
  return tensor;
}

inline SearchSpace RandomSpace(uint64_t seed) {
  RandomStream stream(seed, 0, 0, Draw::kInitial);
  std::vector<ParameterSpec> parameters;
  for (int64_t n = Below(stream, 8); n > 0; --n) {
    parameters.push_back({absl::StrCat("p", n), RandomDomain(stream)});
  }
  std::vector<TensorSpec> tensors;
  for (int64_t n = Below(stream, 3) + (parameters.empty() ? 1 : 0); n > 0; --n) {
    tensors.push_back(RandomTensor(stream));
    tensors.back().name = absl::StrCat("t", n);
  }
  return *SearchSpace::Create(std::move(parameters), std::move(tensors));
}

// Inside, at the ends, far outside, infinite and NaN.
inline std::vector<double> WildCoordinates(const SearchSpace& space, RandomStream& stream) {
  std::vector<double> coordinates(static_cast<size_t>(space.dimension()));
  for (double& c : coordinates) {
    const double infinity = std::numeric_limits<double>::infinity();
    const double odd[] = {0.0, 1.0, -0.0, -5.0, 1e300, -1e300, infinity, -infinity, std::nan("")};
    c = Below(stream, 3) == 0 ? odd[Below(stream, 9)] : stream.Uniform();
  }
  return coordinates;
}

inline bool InDomain(const Domain& domain, const Value& value) {
  if (const auto* real = std::get_if<RealDomain>(&domain)) {
    const double v = std::get<double>(value);
    return std::isfinite(v) && (!real->min || (v >= *real->min && v <= *real->max));
  }
  if (const auto* integer = std::get_if<IntegerDomain>(&domain)) {
    const int64_t v = std::get<int64_t>(value);
    return v >= integer->min && v <= integer->max;
  }
  if (const auto* discrete = std::get_if<DiscreteDomain>(&domain)) {
    const double v = std::get<double>(value);
    return std::count(discrete->values.begin(), discrete->values.end(), v) == 1;
  }
  if (const auto* categorical = std::get_if<CategoricalDomain>(&domain)) {
    const auto& v = std::get<std::string>(value);
    return std::count(categorical->choices.begin(), categorical->choices.end(), v) == 1;
  }
  return std::holds_alternative<bool>(value);
}

inline bool InDomain(const SearchSpace& space, const Point& point) {
  for (size_t i = 0; i < space.parameters().size(); ++i) {
    if (!InDomain(space.parameters()[i].domain, point.parameters[i])) return false;
  }
  for (size_t i = 0; i < space.tensors().size(); ++i) {
    const TensorSpec& tensor = space.tensors()[i];
    for (double v : point.tensors[i]) {
      if (!std::isfinite(v)) return false;
      if (tensor.min && (v < *tensor.min || v > *tensor.max)) return false;
      if (tensor.kind != TensorKind::kReal && v != std::floor(v)) return false;
      if (tensor.kind == TensorKind::kBinary && v != 0.0 && v != 1.0) return false;
    }
  }
  return true;
}

}  // namespace polystep

#endif  // POLYSTEP_TESTS_UNIT_CORE_SPACE_RANDOM_SPACE_H_
