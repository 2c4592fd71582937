// Arithmetic on unevaluated sums of two doubles (about 106 bits), after Dekker (1971) and Knuth.
//
// Used inside core/random where one double is not enough: no FMA, so the bits are the same on
// every machine. Arguments are far from overflow (|x| < 2^990).
#ifndef POLYSTEP_CORE_RANDOM_DOUBLE_DOUBLE_H_
#define POLYSTEP_CORE_RANDOM_DOUBLE_DOUBLE_H_

#include "core/base/wide.h"

namespace polystep {

struct DoubleDouble {
  double hi = 0.0;
  double lo = 0.0;
};

// a + b exactly; |a| >= |b| or a == 0.
POLYSTEP_INLINE DoubleDouble FastTwoSum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a + b exactly.
POLYSTEP_INLINE DoubleDouble TwoSum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// a * b exactly, by splitting each factor into 26 bits and the rest.
POLYSTEP_INLINE DoubleDouble TwoProduct(double a, double b) {
  constexpr double kSplitter = 134217729.0;  // 2^27 + 1
  const double a_scaled = kSplitter * a;
  const double b_scaled = kSplitter * b;
  const double a_high = a_scaled - (a_scaled - a);
  const double b_high = b_scaled - (b_scaled - b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

// The same where multiply-add is one operation and the product far from underflow.
POLYSTEP_INLINE DoubleDouble FusedTwoProduct(double a, double b) {
  const double product = a * b;
  return {product, __builtin_fma(a, b, -product)};
}

POLYSTEP_INLINE DoubleDouble Add(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = TwoSum(a.hi, b.hi);
  const DoubleDouble low = TwoSum(a.lo, b.lo);
  const DoubleDouble partial = FastTwoSum(high.hi, high.lo + low.hi);
  return FastTwoSum(partial.hi, partial.lo + low.lo);
}

POLYSTEP_INLINE DoubleDouble Multiply(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = TwoProduct(a.hi, b.hi);
  return FastTwoSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

// numerator / divisor; the divisor is not zero.
POLYSTEP_INLINE DoubleDouble Divide(double numerator, DoubleDouble divisor) {
  const double quotient = numerator / divisor.hi;
  const DoubleDouble back = TwoProduct(quotient, divisor.hi);
  const double rest = ((numerator - back.hi) - back.lo) - quotient * divisor.lo;
  return FastTwoSum(quotient, rest / divisor.hi);
}

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_DOUBLE_DOUBLE_H_
