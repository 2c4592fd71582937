#include "core/random/portable_math.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/random/double_double.h"
#include "core/random/portable_inline.h"

namespace polystep {
namespace {

using portable::kLn2High;
using portable::kLn2Low;
using portable::Polynomial;
using portable::Reduced;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// (log((1 + s) / (1 - s)) - 2 s) / s^3 from its third term on, and the first two in double-double.
constexpr std::array<double, 10> kLogFarTail = {2.0 / 7.0,  2.0 / 9.0,  2.0 / 11.0, 2.0 / 13.0,
                                                2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0,
                                                2.0 / 23.0, 2.0 / 25.0};
constexpr DoubleDouble kTwoThirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
constexpr DoubleDouble kTwoFifths = {0x1.999999999999ap-2, -0x1.999999999999ap-56};

// exp(x + tail), |tail| far below |x| or both small.
double ExpOfSum(double x, double tail) {
  if (std::isnan(x)) return x;
  if (x > 710.0) return kInfinity;
  if (x < -746.0) return 0.0;
  return portable::ExpInRange(x, tail);
}

// Of a positive, finite x.
Reduced Reduce(double x) {
  if (x >= 0x1p-1022) return portable::ReduceNormal(x);
  Reduced reduced = portable::ReduceNormal(x * 0x1p54);
  reduced.exponent -= 54.0;
  return reduced;
}

// log(x) to about 70 bits; x positive and finite.
DoubleDouble LogDoubleDouble(double x) {
  const auto [exponent, fraction] = Reduce(x);
  const DoubleDouble s = Divide(fraction, TwoSum(2.0, fraction));
  const DoubleDouble w = Multiply(s, s);
  const DoubleDouble far = Multiply(w, {Polynomial(kLogFarTail, w.hi), 0.0});
  const DoubleDouble tail = Add(kTwoThirds, Multiply(w, Add(kTwoFifths, far)));
  const DoubleDouble log_mantissa = Add({2.0 * s.hi, 2.0 * s.lo}, Multiply(Multiply(s, w), tail));
  const DoubleDouble log_power = Add({exponent * kLn2High, 0.0}, TwoProduct(exponent, kLn2Low));
  return Add(log_power, log_mantissa);
}

}  // namespace

double PortableExp(double x) { return ExpOfSum(x, 0.0); }

double PortableLog(double x) {
  if (std::isnan(x) || x < 0.0) return kNaN;
  if (x == 0.0) return -kInfinity;
  if (std::isinf(x)) return x;
  return portable::LogOfReduced(Reduce(x));
}

double PortablePow(double base, double exponent) {
  if (exponent == 0.0 || base == 1.0) return 1.0;
  if (std::isnan(base) || std::isnan(exponent) || base < 0.0) return kNaN;
  if (base == 0.0) return exponent > 0.0 ? 0.0 : kInfinity;
  if (std::isinf(base)) return exponent > 0.0 ? kInfinity : 0.0;
  const DoubleDouble log_base = LogDoubleDouble(base);
  const double rough = exponent * log_base.hi;
  if (!(rough < 710.0)) return kInfinity;
  if (!(rough > -746.0)) return 0.0;
  const DoubleDouble product = Multiply({exponent, 0.0}, log_base);
  return ExpOfSum(product.hi, product.lo);
}

SinCos PortableSinCosTurns(double turns) {
  SinCos angle;
  portable::SinCosOfTurns(turns, angle.sin, angle.cos);
  return angle;
}

}  // namespace polystep
