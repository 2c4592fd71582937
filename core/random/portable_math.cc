#include "core/random/portable_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/random/double_double.h"

namespace polystep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first has 40 bits, so that its product with any exponent is exact.
constexpr double kLn2High = 0x1.62e42fefa2000p-1;
constexpr double kLn2Low = 0x1.9ef35793c7673p-41;
constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kTwoPiHigh = 0x1.921fb54442d18p+2;
constexpr double kTwoPiLow = 0x1.1a62633145c07p-52;
constexpr double kSqrt2 = 0x1.6a09e667f3bcdp+0;

template <size_t N>
double Polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = coefficients[N - 1];
  for (size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

// (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2: 1/2! + r/3! + ... + r^11/13!.
constexpr std::array<double, 12> kExpTail = {
    1.0 / 2.0,       1.0 / 6.0,        1.0 / 24.0,        1.0 / 120.0,
    1.0 / 720.0,     1.0 / 5040.0,     1.0 / 40320.0,     1.0 / 362880.0,
    1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};

// (log((1 + s) / (1 - s)) - 2 s) / s^3 as a polynomial in s^2, |s| <= 0.1716.
constexpr std::array<double, 11> kLogTail = {2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0,
                                             2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0,
                                             2.0 / 19.0, 2.0 / 21.0, 2.0 / 23.0};
// The same from the third term on, and the first two in double-double.
constexpr std::array<double, 10> kLogFarTail = {2.0 / 7.0,  2.0 / 9.0,  2.0 / 11.0, 2.0 / 13.0,
                                                2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0,
                                                2.0 / 23.0, 2.0 / 25.0};
constexpr DoubleDouble kTwoThirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
constexpr DoubleDouble kTwoFifths = {0x1.999999999999ap-2, -0x1.999999999999ap-56};

// (sin(x) - x) / x^3 and (cos(x) - 1 + x^2/2) / x^4 in x^2, |x| <= pi / 4.
constexpr std::array<double, 8> kSinTail = {
    -1.0 / 6.0,        1.0 / 120.0,        -1.0 / 5040.0,          1.0 / 362880.0,
    -1.0 / 39916800.0, 1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
constexpr std::array<double, 7> kCosTail = {
    1.0 / 24.0,        -1.0 / 720.0,         1.0 / 40320.0,         -1.0 / 3628800.0,
    1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0};

// 2^k for -1022 <= k <= 1023.
double PowerOfTwo(int k) { return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52); }

// exp(x + tail), |tail| far below |x| or both small.
double ExpOfSum(double x, double tail) {
  if (std::isnan(x)) return x;
  if (x > 710.0) return kInfinity;
  if (x < -746.0) return 0.0;
  const double k = std::floor(x * kLog2E + 0.5);
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low - tail;
  const double r = high - low;
  const double rest = (high - r) - low;
  const double value = 1.0 + (r + ((rest + rest * r) + r * r * Polynomial(kExpTail, r)));
  // In two factors, so that 2^1024 and denormal results need one rounding only.
  const int exponent = static_cast<int>(k);
  const int half = exponent / 2;
  return value * PowerOfTwo(half) * PowerOfTwo(exponent - half);
}

// x = 2^exponent (1 + fraction), 1 + fraction in [sqrt(1/2), sqrt(2)].
struct Reduced {
  double exponent;
  double fraction;
};

Reduced Reduce(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) {  // denormal
    x *= 0x1p54;
    exponent = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (mantissa > kSqrt2) {
    mantissa *= 0.5;
    ++exponent;
  }
  return {static_cast<double>(exponent), mantissa - 1.0};
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
  // With s = f / (2 + f): log(1 + f) = f - (f^2/2 - s (f^2/2 + s^2 T(s^2))), which keeps f exact.
  const auto [exponent, f] = Reduce(x);
  const double s = f / (2.0 + f);
  const double w = s * s;
  const double half_square = 0.5 * f * f;
  const double correction = s * (half_square + w * Polynomial(kLogTail, w));
  return exponent * kLn2High - ((half_square - (correction + exponent * kLn2Low)) - f);
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
  const double quarter = std::floor(turns * 4.0 + 0.5);
  const double rest = turns - quarter * 0.25;  // exact, in [-1/8, 1/8]
  const DoubleDouble product = TwoProduct(rest, kTwoPiHigh);
  const DoubleDouble angle = FastTwoSum(product.hi, product.lo + rest * kTwoPiLow);
  const double x = angle.hi;
  const double square = x * x;
  const double sine = x + (angle.lo + x * square * Polynomial(kSinTail, square));
  const double half = 0.5 * square;
  const double whole = 1.0 - half;
  const double cosine = whole + (((1.0 - whole) - half) +
                                 (square * square * Polynomial(kCosTail, square) - x * angle.lo));
  switch (static_cast<int>(quarter) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

}  // namespace polystep
