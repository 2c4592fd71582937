#include "core/space/search_space.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/field_error.h"
#include "core/base/wide.h"
#include "core/space/bit_coordinates.h"
#include "core/space/domain_map.h"
#include "core/space/spec_validation.h"

namespace polystep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

// DecodeElement of a real tensor, with what is the same for all of them looked at once.
POLYSTEP_WIDE void DecodeReals(double low, double high, double of_nan, const double* coordinates,
                               float* values, size_t count) {
  for (size_t k = 0; k < count; ++k) {
    const double x = coordinates[k];
    const double above = x < low ? low : x;
    const double inside = high < above ? high : above;
    values[k] = static_cast<float>(x == x ? inside : of_nan) + 0.0F;
  }
}

void DecodeTensor(const TensorSpec& tensor, absl::Span<const double> coordinates,
                  absl::Span<float> values) {
  if (tensor.kind == TensorKind::kBinary) {  // may be millions of them, every step
    constexpr size_t kTogether = 16;         // a loop of a known length takes many at once
    size_t k = 0;
    for (; k + kTogether <= values.size(); k += kTogether) {
      const double* from = coordinates.data() + k;
      float* to = values.data() + k;
      for (size_t i = 0; i < kTogether; ++i) to[i] = static_cast<float>(BitOf(from[i]));
    }
    for (; k < values.size(); ++k) values[k] = static_cast<float>(BitOf(coordinates[k]));
    return;
  }
  if (tensor.kind == TensorKind::kReal && !values.empty()) {
    // The bounds, as floats, are what the infinities decode to.
    return DecodeReals(DecodeElement(tensor, -kInfinity), DecodeElement(tensor, kInfinity),
                       DecodeElement(tensor, std::numeric_limits<double>::quiet_NaN()),
                       coordinates.data(), values.data(), values.size());
  }
  for (size_t k = 0; k < values.size(); ++k) values[k] = DecodeElement(tensor, coordinates[k]);
}

Coordinate Cell(double count) { return {0.0, 1.0, 1.0 / count, 1.0}; }

// The first largest of the clamped coordinates of a categorical.
size_t LargestIndex(absl::Span<const double> coordinates) {
  size_t best = 0;
  double largest = -1.0;
  for (size_t i = 0; i < coordinates.size(); ++i) {
    const double value = std::isnan(coordinates[i]) ? 0.0 : std::clamp(coordinates[i], 0.0, 1.0);
    if (value <= largest) continue;
    largest = value;
    best = i;
  }
  return best;
}

Value DecodeParameter(const Domain& domain, absl::Span<const double> at) {
  return std::visit(
      Overload{
          [&](const RealDomain& real) -> Value { return DecodeReal(real, at[0]); },
          [&](const IntegerDomain& integer) -> Value { return DecodeInteger(integer, at[0]); },
          [&](const DiscreteDomain& discrete) -> Value {
            return discrete.values[LatticeIndex(discrete.values.size(), at[0])] + 0.0;
          },
          [&](const CategoricalDomain& categorical) -> Value {
            return categorical.choices[LargestIndex(at)];
          },
          [&](const BooleanDomain&) -> Value { return BitOf(at[0]); },
      },
      domain);
}

POLYSTEP_WIDE bool AllFinite(const double* values, size_t count) {
  int64_t others = 0;
  for (size_t i = 0; i < count; ++i) {
    others += std::fabs(values[i]) <= std::numeric_limits<double>::max() ? 0 : 1;
  }
  return others == 0;
}

void ClampRun(const Coordinate& bounds, absl::Span<double> values) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  const bool bounded = std::isfinite(bounds.lower) || std::isfinite(bounds.upper);
  if (!bounded && AllFinite(values.data(), values.size())) return;
  const double low = std::max(bounds.lower, -kLargest);
  const double high = std::min(bounds.upper, kLargest);
  for (double& value : values) {
    if (std::isnan(value)) value = std::isfinite(bounds.lower) ? bounds.lower : 0.0;
    value = std::clamp(value, low, high);
  }
}

// How many of `ranges`, from the first on, are `width` wide and lie in [first, end).
size_t WholeWithin(absl::Span<const SearchSpace::Range> ranges, size_t width, size_t first,
                   size_t end) {
  const auto size = static_cast<int64_t>(width);
  const auto low = static_cast<int64_t>(first);
  const int64_t high = static_cast<int64_t>(end) - size;
  size_t count = 0;
  while (count < ranges.size() && ranges[count].size == size && ranges[count].first >= low &&
         ranges[count].first <= high) {
    ++count;
  }
  return count;
}

}  // namespace

absl::StatusOr<SearchSpace> SearchSpace::Create(std::vector<ParameterSpec> parameters,
                                                std::vector<TensorSpec> tensors) {
  if (parameters.empty() && tensors.empty()) {
    return FieldError("parameters", "a study needs at least one parameter or tensor");
  }
  if (parameters.size() > kMaxParameters) {
    return FieldError("parameters", absl::StrCat("has ", parameters.size(),
                                                 " entries, the limit is ", kMaxParameters));
  }
  if (tensors.size() > kMaxParameters) {
    return FieldError(
        "tensors", absl::StrCat("has ", tensors.size(), " entries, the limit is ", kMaxParameters));
  }
  if (absl::Status s = ValidateParameters(parameters); !s.ok()) return s;
  if (absl::Status s = ValidateTensors(tensors); !s.ok()) return s;
  if (absl::Status s = ValidateUniqueNames(parameters, tensors); !s.ok()) return s;
  absl::StatusOr<int64_t> count = CountCoordinates(parameters, tensors, kMaxCoordinates);
  if (!count.ok()) return count.status();

  SearchSpace space;
  for (const ParameterSpec& parameter : parameters) space.AddParameter(parameter);
  for (const TensorSpec& tensor : tensors) space.AddTensor(tensor);
  space.parameters_ = std::move(parameters);
  space.tensors_ = std::move(tensors);
  return space;
}

void SearchSpace::AddParameter(const ParameterSpec& parameter) {
  const int64_t first = dimension();
  std::visit(Overload{
                 [&](const RealDomain& real) {
                   if (!real.min) {
                     coordinates_.Append(1, {-kInfinity, kInfinity, 0.0, 1.0});
                   } else {
                     // A range of one value is a lattice of one cell.
                     coordinates_.Append(1, {0.0, 1.0, *real.min == *real.max ? 1.0 : 0.0, 1.0});
                   }
                 },
                 [&](const IntegerDomain& integer) {
                   coordinates_.Append(1,
                                       Cell(static_cast<double>(integer.max - integer.min) + 1.0));
                 },
                 [&](const DiscreteDomain& discrete) {
                   coordinates_.Append(1, Cell(static_cast<double>(discrete.values.size())));
                 },
                 [&](const CategoricalDomain& categorical) {
                   const size_t count = categorical.choices.size();
                   coordinates_.Append(count, Cell(count == 1 ? 1.0 : 2.0));
                 },
                 [&](const BooleanDomain&) { coordinates_.Append(1, Cell(2.0)); },
             },
             parameter.domain);
  ranges_.push_back({first, dimension() - first});
}

void SearchSpace::AddTensor(const TensorSpec& tensor) {
  const int64_t first = dimension();
  int64_t size = 1;
  for (int64_t extent : tensor.shape) size *= extent;
  Coordinate coordinate{-kInfinity, kInfinity, 0.0, 1.0};
  if (tensor.kind == TensorKind::kBinary) {
    coordinate = Cell(2.0);
  } else if (tensor.kind == TensorKind::kInteger) {
    // Half a unit beyond the ends, so that the end values have whole cells.
    coordinate = {*tensor.min - 0.5, *tensor.max + 0.5, 1.0, *tensor.max - *tensor.min + 1.0};
  } else if (tensor.min) {
    coordinate = {*tensor.min, *tensor.max, 0.0, *tensor.max - *tensor.min};
  }
  coordinates_.Append(static_cast<size_t>(size), coordinate);
  tensor_ranges_.push_back({first, size});
}

double SearchSpace::CellWidth(int64_t coordinate, double value) const {
  const double spacing = coordinates_[static_cast<size_t>(coordinate)].spacing;
  if (spacing == 0.0) return 0.0;
  auto after = std::upper_bound(ranges_.begin(), ranges_.end(), coordinate,
                                [](int64_t c, const Range& range) { return c < range.first; });
  auto parameter = static_cast<size_t>(after - ranges_.begin());
  if (parameter == 0) return spacing;
  --parameter;
  if (coordinate >= ranges_[parameter].first + ranges_[parameter].size) return spacing;
  const auto* integer = std::get_if<IntegerDomain>(&parameters_[parameter].domain);
  if (integer == nullptr || integer->scale == Scale::kLinear) return spacing;
  return IntegerCellWidth(*integer, DecodeInteger(*integer, value));
}

void SearchSpace::Clamp(int64_t first, absl::Span<double> coordinates) const {
  size_t run = coordinates_.RunOf(static_cast<size_t>(first));
  for (size_t done = 0; done < coordinates.size(); ++run) {
    const CoordinateRuns::Run& equal = coordinates_.runs()[run];
    const size_t left = equal.end - (static_cast<size_t>(first) + done);
    const size_t count = std::min(coordinates.size() - done, left);
    ClampRun(equal.coordinate, coordinates.subspan(done, count));
    done += count;
  }
}

// Ranges of one run are taken together, so that a step of small blocks costs a few loops.
void SearchSpace::Clamp(absl::Span<const Range> ranges, size_t width,
                        absl::Span<double> values) const {
  for (size_t n = 0; n < ranges.size();) {
    const auto [first, size] = ranges[n];
    size_t together = 0;
    if (size > 0) {
      const CoordinateRuns::Run& run =
          coordinates_.runs()[coordinates_.RunOf(static_cast<size_t>(first))];
      together = WholeWithin(ranges.subspan(n), width, run.first, run.end);
      if (together > 0) ClampRun(run.coordinate, values.subspan(n * width, together * width));
    }
    if (together == 0) Clamp(first, values.subspan(n * width, static_cast<size_t>(size)));
    n += std::max<size_t>(together, 1);
  }
}

std::vector<Value> SearchSpace::DecodeParameters(absl::Span<const double> coordinates) const {
  std::vector<Value> values;
  values.reserve(parameters_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    values.push_back(DecodeParameter(parameters_[i].domain,
                                     coordinates.subspan(static_cast<size_t>(ranges_[i].first),
                                                         static_cast<size_t>(ranges_[i].size))));
  }
  return values;
}

Point SearchSpace::Decode(absl::Span<const double> coordinates) const {
  Point point;
  point.parameters = DecodeParameters(coordinates);
  point.tensors.reserve(tensors_.size());
  for (size_t i = 0; i < tensors_.size(); ++i) {
    auto slice = coordinates.subspan(static_cast<size_t>(tensor_ranges_[i].first),
                                     static_cast<size_t>(tensor_ranges_[i].size));
    std::vector<float>& values = point.tensors.emplace_back(slice.size());
    DecodeTensor(tensors_[i], slice, absl::MakeSpan(values));
  }
  return point;
}

size_t SearchSpace::TensorOf(int64_t coordinate) const {
  auto after = std::upper_bound(tensor_ranges_.begin(), tensor_ranges_.end(), coordinate,
                                [](int64_t c, const Range& range) { return c < range.first; });
  return static_cast<size_t>(after - tensor_ranges_.begin()) - 1;
}

void SearchSpace::DecodeElements(int64_t first, absl::Span<const double> coordinates,
                                 absl::Span<float> values) const {
  size_t tensor = TensorOf(first);
  for (size_t k = 0; k < coordinates.size(); ++tensor) {
    const int64_t left = tensor_ranges_[tensor].first + tensor_ranges_[tensor].size - first -
                         static_cast<int64_t>(k);
    const size_t size = std::min(coordinates.size() - k, static_cast<size_t>(left));
    DecodeTensor(tensors_[tensor], coordinates.subspan(k, size), values.subspan(k, size));
    k += size;
  }
}

size_t SearchSpace::DecodeElements(absl::Span<const Range> ranges, size_t width,
                                   absl::Span<const double> coordinates,
                                   absl::Span<float> values) const {
  size_t used = 0;
  for (size_t n = 0; n < ranges.size();) {
    const auto [first, size] = ranges[n];
    size_t together = 0;
    if (size > 0) {
      const size_t tensor = TensorOf(first);
      const auto [begin, length] = tensor_ranges_[tensor];
      together = WholeWithin(ranges.subspan(n), width, static_cast<size_t>(begin),
                             static_cast<size_t>(begin + length));
      const size_t count = together * width;
      DecodeTensor(tensors_[tensor], coordinates.subspan(n * width, count),
                   values.subspan(used, count));
      used += count;
    }
    if (together == 0 && size > 0) {
      const auto count = static_cast<size_t>(size);
      DecodeElements(first, coordinates.subspan(n * width, count), values.subspan(used, count));
      used += count;
    }
    n += std::max<size_t>(together, 1);
  }
  return used;
}

std::string SearchSpace::DecodedKey(absl::Span<const double> coordinates) const {
  ByteWriter writer;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto at = coordinates.subspan(static_cast<size_t>(ranges_[i].first),
                                  static_cast<size_t>(ranges_[i].size));
    if (std::holds_alternative<CategoricalDomain>(parameters_[i].domain)) {
      writer.U32(static_cast<uint32_t>(LargestIndex(at)));
      continue;
    }
    std::visit(Overload{[&](double value) { writer.F64(value); },
                        [&](int64_t value) { writer.I64(value); },
                        [&](bool value) { writer.Bool(value); }, [&](const std::string&) {}},
               DecodeParameter(parameters_[i].domain, at));
  }
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const Range range = tensor_ranges_[i];
    for (int64_t k = range.first; k < range.first + range.size; ++k) {
      writer.F64(DecodeElement(tensors_[i], coordinates[static_cast<size_t>(k)]));
    }
  }
  return writer.Take();
}

}  // namespace polystep
