// What a user may tune: named, typed parameters and named arrays, as plain values.
//
// The search space (search_space.h) turns a list of these into coordinates. Thread-safe as values.
#ifndef POLYSTEP_CORE_SPACE_PARAMETER_SPEC_H_
#define POLYSTEP_CORE_SPACE_PARAMETER_SPEC_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace polystep {

// How the values of a bounded numeric domain are spread over its coordinate in [0, 1].
enum class Scale : uint8_t { kLinear = 0, kLog = 1, kReverseLog = 2, kLogit = 3 };

// Bounds are both given or both absent; without them the scale is kLinear.
struct RealDomain {
  std::optional<double> min;
  std::optional<double> max;
  Scale scale = Scale::kLinear;
  std::optional<double> initial;  // default: the middle of the coordinate; 0 without bounds
};

struct IntegerDomain {
  int64_t min = 0;  // |min|, |max| <= 2^53
  int64_t max = 0;
  Scale scale = Scale::kLinear;
  std::optional<int64_t> initial;
};

struct DiscreteDomain {
  std::vector<double> values;  // strictly increasing
  std::optional<double> initial;
};

struct CategoricalDomain {
  std::vector<std::string> choices;  // unordered, distinct
  std::optional<std::string> initial;
};

struct BooleanDomain {
  std::optional<bool> initial;
};

using Domain =
    std::variant<RealDomain, IntegerDomain, DiscreteDomain, CategoricalDomain, BooleanDomain>;

struct ParameterSpec {
  std::string name;
  Domain domain;
};

enum class TensorKind : uint8_t { kReal = 0, kInteger = 1, kBinary = 2 };

// Initial values of a tensor. kUniform is uniform in [-scale, scale], kNormal has standard
// deviation `scale`; both are drawn from the study's seed. kUploaded are `values`, one an element.
struct Initializer {
  enum class Kind : uint8_t { kZero = 0, kConstant = 1, kUniform = 2, kNormal = 3, kUploaded = 4 };
  Kind kind = Kind::kZero;
  double scale = 1.0;
  double constant = 0.0;
  // Of kUploaded: what names the values, and the values while a search is made of them.
  std::string content_id = {};
  std::shared_ptr<const std::vector<float>> values = {};
};

struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
  TensorKind kind = TensorKind::kReal;
  std::optional<double> min;  // per element; both or none
  std::optional<double> max;
  Initializer initializer;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_SPACE_PARAMETER_SPEC_H_
