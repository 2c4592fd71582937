// The parts of portable math without branches and calls, so that loops over them vectorise. The
// scalar functions (portable_math.cc) are made of the same parts: the bits are equal.
#ifndef POLYSTEP_CORE_RANDOM_PORTABLE_INLINE_H_
#define POLYSTEP_CORE_RANDOM_PORTABLE_INLINE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/base/vectors.h"
#include "core/base/wide.h"
#include "core/random/double_double.h"

namespace polystep::portable {

// ln 2 in two parts; the first has 40 bits, so that its product with any exponent is exact.
inline constexpr double kLn2High = 0x1.62e42fefa2000p-1;
inline constexpr double kLn2Low = 0x1.9ef35793c7673p-41;
inline constexpr double kLog2E = 0x1.71547652b82fep+0;
inline constexpr double kTwoPiHigh = 0x1.921fb54442d18p+2;
inline constexpr double kTwoPiLow = 0x1.1a62633145c07p-52;
inline constexpr double kSqrt2 = 0x1.6a09e667f3bcdp+0;

// (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2: 1/2! + r/3! + ... + r^11/13!.
inline constexpr std::array<double, 12> kExpTail = {
    1.0 / 2.0,       1.0 / 6.0,        1.0 / 24.0,        1.0 / 120.0,
    1.0 / 720.0,     1.0 / 5040.0,     1.0 / 40320.0,     1.0 / 362880.0,
    1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};

// (log((1 + s) / (1 - s)) - 2 s) / s^3 as a polynomial in s^2, |s| <= 0.1716.
inline constexpr std::array<double, 11> kLogTail = {2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0,
                                                    2.0 / 11.0, 2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0,
                                                    2.0 / 19.0, 2.0 / 21.0, 2.0 / 23.0};

// (sin(x) - x) / x^3 and (cos(x) - 1 + x^2/2) / x^4 in x^2, |x| <= pi / 4.
inline constexpr std::array<double, 8> kSinTail = {
    -1.0 / 6.0,        1.0 / 120.0,        -1.0 / 5040.0,          1.0 / 362880.0,
    -1.0 / 39916800.0, 1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
inline constexpr std::array<double, 7> kCosTail = {
    1.0 / 24.0,        -1.0 / 720.0,         1.0 / 40320.0,         -1.0 / 3628800.0,
    1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0};

// sum_n c_n x^n for n >= N - Left, by Horner's rule.
template <size_t N, size_t Left = N, typename V>
POLYSTEP_INLINE V Polynomial(const std::array<double, N>& c, V x) {
  if constexpr (Left == 1) {
    return V{} + c[N - 1];
  } else {
    return Polynomial<N, Left - 1, V>(c, x) * x + c[N - Left];
  }
}

// 2^k for -1022 <= k <= 1023.
POLYSTEP_INLINE double PowerOfTwo(int k) {
  return std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(k) + 1023) << 52);
}

// exp(x + tail) for -746 <= x <= 710, |tail| far below |x| or both small.
POLYSTEP_INLINE double ExpInRange(double x, double tail) {
  const double near = x * kLog2E + 0.5;
  const int cut = static_cast<int>(near);
  const int exponent = cut - static_cast<int>(static_cast<double>(cut) > near);  // floor
  const double k = static_cast<double>(exponent);
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low - tail;
  const double r = high - low;
  const double rest = (high - r) - low;
  const double value = 1.0 + (r + ((rest + rest * r) + r * r * Polynomial(kExpTail, r)));
  // In two factors, so that 2^1024 and denormal results need one rounding only.
  const int half = exponent >> 1;
  return value * PowerOfTwo(half) * PowerOfTwo(exponent - half);
}

// (2^f - 1) / f for |f| <= 1/2: interpolated where a Chebyshev polynomial is zero, 2^f to 6e-16.
inline constexpr std::array<double, 10> kPowerTail = {
    0x1.62e42fefa39f7p-1,  0x1.ebfbdff82c590p-3,  0x1.c6b08d7044119p-5,  0x1.3b2ab6fba385fp-7,
    0x1.5d87fe908f88ap-10, 0x1.4309130378460p-13, 0x1.ffcb76789860fp-17, 0x1.62bfe46117445p-20,
    0x1.b6571de2f2351p-24, 0x1.e5e9f548e5725p-28};

// The bits of a double or of a vector of them as unsigned integers, and back.
template <typename V>
POLYSTEP_INLINE typename VectorTypes<V>::Integers BitsOf(V x) {
  return __builtin_bit_cast(typename VectorTypes<V>::Integers, x);
}
template <typename V>
POLYSTEP_INLINE V FromBits(typename VectorTypes<V>::Integers bits) {
  return __builtin_bit_cast(V, bits);
}

// What PowerOfTwoTo, InverseRoot and Reciprocal do with bits.
template <typename V>
POLYSTEP_INLINE V TimesPower(V value, V shifted) {
  return FromBits<V>(BitsOf(value) + (BitsOf(shifted) << 52));
}
template <typename V>
POLYSTEP_INLINE V RootGuess(V x) {
  return FromBits<V>(0x5fe6eb50c7b537a9 - (BitsOf(x) >> 1));
}
template <typename V>
POLYSTEP_INLINE V ReciprocalGuess(V x) {
  return FromBits<V>(0x7fde623822fc16e6 - BitsOf(x));
}
template <typename V>
POLYSTEP_INLINE Four<V> TimesPower(const Four<V>& value, const Four<V>& shifted) {
  return {TimesPower(value.a, shifted.a), TimesPower(value.b, shifted.b),
          TimesPower(value.c, shifted.c), TimesPower(value.d, shifted.d)};
}
template <typename V>
POLYSTEP_INLINE Four<V> RootGuess(const Four<V>& x) {
  return {RootGuess(x.a), RootGuess(x.b), RootGuess(x.c), RootGuess(x.d)};
}
template <typename V>
POLYSTEP_INLINE Four<V> ReciprocalGuess(const Four<V>& x) {
  return {ReciprocalGuess(x.a), ReciprocalGuess(x.b), ReciprocalGuess(x.c), ReciprocalGuess(x.d)};
}

// 2^t for -1020 <= t <= 0 to 1e-15, of a double, a vector of them or four; 1 for 0. Summed by
// Estrin's scheme: of Horner's, twenty operations would wait for each other.
template <typename V>
POLYSTEP_INLINE V PowerOfTwoTo(V t) {
  constexpr const std::array<double, 10>& c = kPowerTail;
  const V shifted = t + 0x1.8p52;  // whose last bits are the nearest whole number
  const V f = t - (shifted - 0x1.8p52);
  const V f2 = f * f;
  const V f4 = f2 * f2;
  const V first = (f * c[1] + c[0]) + (f * c[3] + c[2]) * f2;
  const V second = (f * c[5] + c[4]) + (f * c[7] + c[6]) * f2;
  const V tail = (first + second * f4) + (f * c[9] + c[8]) * (f4 * f4);
  return TimesPower(f * tail + 1.0, shifted);
}

// Both by Newton's method from a guess that halves, or turns round, the exponent: in vectors less
// than hardware's root and quotient take. x in [2^-1000, 2^1000]; of 0 they are large numbers.

// 1 / sqrt(x) to 4e-16.
template <typename V>
POLYSTEP_INLINE V InverseRoot(V x) {
  const V half = x * 0.5;
  V y = RootGuess(x);
  y = y * (1.5 - half * y * y);
  y = y * (1.5 - half * y * y);
  y = y * (1.5 - half * y * y);
  return y * (1.5 - half * y * y);
}

// 1 / x to 4e-16.
template <typename V>
POLYSTEP_INLINE V Reciprocal(V x) {
  V y = ReciprocalGuess(x);
  y = y * (2.0 - x * y);
  y = y * (2.0 - x * y);
  y = y * (2.0 - x * y);
  return y * (2.0 - x * y);
}

// x = 2^exponent (1 + fraction), 1 + fraction in [sqrt(1/2), sqrt(2)].
struct Reduced {
  double exponent;
  double fraction;
};

// Of a positive, finite x that is not denormal.
POLYSTEP_INLINE Reduced ReduceNormal(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const double exponent =
      std::bit_cast<double>((bits >> 52) | 0x4330000000000000ULL) - (0x1p52 + 1023.0);
  const double mantissa =
      std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  const bool large = mantissa > kSqrt2;
  return {large ? exponent + 1.0 : exponent, (large ? mantissa * 0.5 : mantissa) - 1.0};
}

// log(2^exponent (1 + f)). With s = f / (2 + f): log(1 + f) = f - (f^2/2 - s (f^2/2 + s^2 T(s^2))),
// which keeps f exact.
POLYSTEP_INLINE double LogOfReduced(const Reduced& reduced) {
  const double f = reduced.fraction;
  const double s = f / (2.0 + f);
  const double w = s * s;
  const double half_square = 0.5 * f * f;
  const double correction = s * (half_square + w * Polynomial(kLogTail, w));
  return reduced.exponent * kLn2High -
         ((half_square - (correction + reduced.exponent * kLn2Low)) - f);
}

// sin and cos of 2 pi turns, turns in [0, 1). kFused: with multiply-add, in the same bits.
template <bool kFused = false>
POLYSTEP_INLINE void SinCosOfTurns(double turns, double& sin, double& cos) {
  const double shifted = turns * 4.0 + 0.5;
  const double quarter =  // 0 to 4
      kFused ? __builtin_floor(shifted) : static_cast<double>(static_cast<int>(shifted));
  const double rest = turns - quarter * 0.25;  // exact, in [-1/8, 1/8]
  const DoubleDouble product =
      kFused ? FusedTwoProduct(rest, kTwoPiHigh) : TwoProduct(rest, kTwoPiHigh);
  const DoubleDouble angle = FastTwoSum(product.hi, product.lo + rest * kTwoPiLow);
  const double x = angle.hi;
  const double square = x * x;
  const double sine = x + (angle.lo + x * square * Polynomial(kSinTail, square));
  const double half = 0.5 * square;
  const double whole = 1.0 - half;
  const double cosine = whole + (((1.0 - whole) - half) +
                                 (square * square * Polynomial(kCosTail, square) - x * angle.lo));
  // Of quarters 0 to 3: (s, c), (c, -s), (-s, -c), (-c, s).
  const bool odd = (quarter == 1.0) | (quarter == 3.0);
  const double first = odd ? cosine : sine;
  const double second = odd ? sine : cosine;
  sin = ((quarter == 2.0) | (quarter == 3.0)) ? -first : first;
  cos = ((quarter == 1.0) | (quarter == 2.0)) ? -second : second;
}

// The number in [0, 1) of 53 bits that 64 bits, given by halves, begin with.
POLYSTEP_INLINE double UniformOf(uint32_t low, uint32_t high) {
  // Both integers fit a signed one, which is what processors convert.
  const double upper = static_cast<double>(static_cast<int32_t>(high >> 1));
  const double lower = static_cast<double>(static_cast<int32_t>(((high & 1) << 21) | (low >> 11)));
  return (upper * 0x1p22 + lower) * 0x1p-53;
}

}  // namespace polystep::portable

#endif  // POLYSTEP_CORE_RANDOM_PORTABLE_INLINE_H_
