// exp, log, pow, sin and cos with the same bits on every machine: only + - * / sqrt and bit
// operations.
//
// glibc picks other code paths with the CPU's features; the trajectory digest must not. Accuracy:
// within 1 ulp (tests bound it against long double). Pure functions, safe from any thread.
#ifndef POLYSTEP_CORE_RANDOM_PORTABLE_MATH_H_
#define POLYSTEP_CORE_RANDOM_PORTABLE_MATH_H_

namespace polystep {

double PortableExp(double x);  // overflow gives +inf, underflow 0 or a denormal
double PortableLog(double x);  // x < 0 or NaN: NaN; 0: -inf; +inf: +inf

// base to the power exponent for base >= 0; a negative base gives NaN. Anything to the power 0 and
// 1 to any power are 1.
double PortablePow(double base, double exponent);

struct SinCos {
  double sin;
  double cos;
};
// sin and cos of 2 * pi * turns, turns in [0, 1).
SinCos PortableSinCosTurns(double turns);

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_PORTABLE_MATH_H_
