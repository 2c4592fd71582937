#include "core/space/domain_map.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/space/bit_coordinates.h"
#include "core/space/scale.h"

namespace polystep {
namespace {

ScaledRange RangeOf(const RealDomain& domain) { return {domain.scale, *domain.min, *domain.max}; }

// Integers on a curved scale are rounded from a range that gives the end values whole cells.
ScaledRange RangeOf(const IntegerDomain& domain) {
  return {domain.scale, static_cast<double>(domain.min) - 0.5,
          static_cast<double>(domain.max) + 0.5};
}

double CellCount(const IntegerDomain& domain) {
  return static_cast<double>(domain.max - domain.min) + 1.0;
}

// Doubles in [0, 1] are ordered as their bit patterns. Bisects for the first double whose decoded
// value reaches `target`, then looks around it, since decoding is monotone only up to rounding.
template <class Decode>
double Invert(double guess, double target, const Decode& decode) {
  if (decode(guess) == target) return guess;
  uint64_t low = 0;
  uint64_t high = std::bit_cast<uint64_t>(1.0);
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (decode(std::bit_cast<double>(middle)) < target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  constexpr uint64_t kReach = 64;
  const uint64_t one = std::bit_cast<uint64_t>(1.0);
  double best = guess;
  double best_gap = std::fabs(decode(guess) - target);
  for (uint64_t bits = low > kReach ? low - kReach : 0; bits <= std::min(low + kReach, one);
       ++bits) {
    double unit = std::bit_cast<double>(bits);
    double gap = std::fabs(decode(unit) - target);
    if (gap < best_gap) {
      best = unit;
      best_gap = gap;
    }
  }
  return best;
}

}  // namespace

double DecodeReal(const RealDomain& domain, double coordinate) {
  if (domain.min) return FromUnit(RangeOf(domain), coordinate) + 0.0;
  if (std::isnan(coordinate)) return 0.0;
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::clamp(coordinate, -kLargest, kLargest) + 0.0;
}

double EncodeReal(const RealDomain& domain, double value) {
  if (!domain.min) return value + 0.0;
  ScaledRange range = RangeOf(domain);
  return Invert(ToUnit(range, value), value + 0.0,
                [&](double unit) { return FromUnit(range, unit) + 0.0; });
}

int64_t DecodeInteger(const IntegerDomain& domain, double unit) {
  if (!(unit > 0.0)) return domain.min;
  if (unit >= 1.0) return domain.max;
  int64_t value;
  if (domain.scale == Scale::kLinear) {
    value = domain.min + static_cast<int64_t>(std::floor(unit * CellCount(domain)));
  } else {
    value = static_cast<int64_t>(std::floor(FromUnit(RangeOf(domain), unit) + 0.5));
  }
  return std::clamp(value, domain.min, domain.max);
}

double EncodeInteger(const IntegerDomain& domain, int64_t value) {
  double guess;
  if (domain.scale == Scale::kLinear) {
    guess = (static_cast<double>(value - domain.min) + 0.5) / CellCount(domain);
  } else {
    guess = ToUnit(RangeOf(domain), static_cast<double>(value));
  }
  return Invert(std::clamp(guess, 0.0, 1.0), static_cast<double>(value),
                [&](double unit) { return static_cast<double>(DecodeInteger(domain, unit)); });
}

double IntegerCellWidth(const IntegerDomain& domain, int64_t value) {
  if (domain.scale == Scale::kLinear) return 1.0 / CellCount(domain);
  ScaledRange range = RangeOf(domain);
  double middle = static_cast<double>(value);
  return ToUnit(range, middle + 0.5) - ToUnit(range, middle - 0.5);
}

size_t LatticeIndex(size_t count, double unit) {
  if (!(unit > 0.0)) return 0;
  if (unit >= 1.0) return count - 1;
  auto index = static_cast<size_t>(std::floor(unit * static_cast<double>(count)));
  return std::min(index, count - 1);
}

double LatticeMiddle(size_t count, size_t index) {
  return (static_cast<double>(index) + 0.5) / static_cast<double>(count);
}

float FloatAtLeast(double bound) {
  auto rounded = static_cast<float>(bound);
  if (static_cast<double>(rounded) >= bound) return rounded;
  return std::nextafterf(rounded, std::numeric_limits<float>::infinity());
}

float FloatAtMost(double bound) {
  auto rounded = static_cast<float>(bound);
  if (static_cast<double>(rounded) <= bound) return rounded;
  return std::nextafterf(rounded, -std::numeric_limits<float>::infinity());
}

float DecodeElement(const TensorSpec& tensor, double coordinate) {
  if (tensor.kind == TensorKind::kBinary) return BitOf(coordinate) ? 1.0F : 0.0F;
  const double largest = std::numeric_limits<float>::max();
  if (tensor.kind == TensorKind::kInteger) {
    if (std::isnan(coordinate)) return static_cast<float>(*tensor.min);
    double whole = std::floor(std::clamp(coordinate, -largest, largest) + 0.5);
    return static_cast<float>(std::clamp(whole, *tensor.min, *tensor.max) + 0.0);
  }
  double low = tensor.min ? static_cast<double>(FloatAtLeast(*tensor.min)) : -largest;
  double high = tensor.max ? static_cast<double>(FloatAtMost(*tensor.max)) : largest;
  if (std::isnan(coordinate)) return static_cast<float>(tensor.min ? low : 0.0);
  return static_cast<float>(std::clamp(coordinate, low, high)) + 0.0F;
}

}  // namespace polystep
