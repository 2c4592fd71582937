#include "core/space/scale.h"

#include <algorithm>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

double Mix(double from, double to, double unit) { return from * (1.0 - unit) + to * unit; }

double LogMix(double min, double max, double unit) {
  return PortableExp(Mix(PortableLog(min), PortableLog(max), unit));
}

double Logit(double p) { return PortableLog(p) - PortableLog(1.0 - p); }

double LogUnit(double min, double max, double value) {
  double low = PortableLog(min);
  double width = PortableLog(max) - low;
  return width > 0.0 ? (PortableLog(value) - low) / width : 0.5;
}

}  // namespace

double FromUnit(const ScaledRange& range, double unit) {
  const double min = range.min;
  const double max = range.max;
  if (!(unit > 0.0) || min == max) return min;
  if (unit >= 1.0) return max;
  double value = min;
  switch (range.scale) {
    case Scale::kLinear:
      value = Mix(min, max, unit);
      break;
    case Scale::kLog:
      value = LogMix(min, max, unit);
      break;
    case Scale::kReverseLog:
      value = (max - LogMix(min, max, 1.0 - unit)) + min;
      break;
    case Scale::kLogit:
      value = 1.0 / (1.0 + PortableExp(-Mix(Logit(min), Logit(max), unit)));
      break;
  }
  return std::clamp(value, min, max);
}

double ToUnit(const ScaledRange& range, double value) {
  const double min = range.min;
  const double max = range.max;
  if (min == max) return 0.5;
  if (value <= min) return 0.0;
  if (value >= max) return 1.0;
  double unit = 0.5;
  switch (range.scale) {
    case Scale::kLinear:
      // Halved, so that the width of the widest range does not overflow.
      unit = (value * 0.5 - min * 0.5) / (max * 0.5 - min * 0.5);
      break;
    case Scale::kLog:
      unit = LogUnit(min, max, value);
      break;
    case Scale::kReverseLog:
      unit = 1.0 - LogUnit(min, max, (max - value) + min);
      break;
    case Scale::kLogit: {
      double low = Logit(min);
      double width = Logit(max) - low;
      unit = width > 0.0 ? (Logit(value) - low) / width : 0.5;
      break;
    }
  }
  return std::clamp(unit, 0.0, 1.0);
}

}  // namespace polystep
