// The portable functions against long double libm: dense, extreme and special arguments.
#include "core/random/portable_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/random/portable_inline.h"
#include "core/random/random_stream.h"

namespace polystep {
namespace {

constexpr uint64_t kSeed = 20261123;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMaxUlps = 1.0;
constexpr long double kTwoPi = 6.28318530717958647692528676655900577L;

// |actual - exact| in units of the last place of the exact value rounded to double.
double Ulps(double actual, long double exact) {
  const double rounded = std::fabs(static_cast<double>(exact));
  if (std::isinf(rounded) && std::fabs(actual) == rounded) return 0.0;
  const double ulp = std::nextafter(rounded, kInfinity) - rounded;
  return static_cast<double>(std::fabs(actual - exact) / static_cast<long double>(ulp));
}

double AnyPositive(RandomStream& stream) {
  for (;;) {
    const double x = std::fabs(std::bit_cast<double>(stream.NextU64()));
    if (std::isfinite(x) && x > 0.0) return x;
  }
}

TEST(PortableExp, DenseArguments_WithinOneUlp) {
  double worst = 0.0;
  for (int i = -7450000; i <= 7097000; i += 7) {
    const double x = i * 1e-4;
    worst = std::max(worst, Ulps(PortableExp(x), std::exp(static_cast<long double>(x))));
  }
  for (int i = -1000000; i <= 1000000; ++i) {
    const double x = i * 1e-6;
    worst = std::max(worst, Ulps(PortableExp(x), std::exp(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, kMaxUlps);
}

TEST(PortableExp, SpecialArguments_LimitValues) {
  EXPECT_EQ(PortableExp(0.0), 1.0);
  EXPECT_EQ(PortableExp(-0.0), 1.0);
  EXPECT_EQ(PortableExp(kInfinity), kInfinity);
  EXPECT_EQ(PortableExp(-kInfinity), 0.0);
  EXPECT_EQ(PortableExp(709.79), kInfinity);
  EXPECT_TRUE(std::isfinite(PortableExp(709.78)));
  EXPECT_EQ(PortableExp(1e308), kInfinity);
  EXPECT_EQ(PortableExp(-1e308), 0.0);
  EXPECT_EQ(PortableExp(-745.0), 0x1p-1074);
  EXPECT_EQ(PortableExp(-745.2), 0.0);
  EXPECT_EQ(PortableExp(1e-300), 1.0);
  EXPECT_TRUE(std::isnan(PortableExp(std::nan(""))));
}

TEST(PowerOfTwoTo, DenseArguments_RelativeErrorBelowTheStated) {
  double worst = 0.0;
  for (int i = 0; i <= 10'200'000; i += 23) {
    const double t = i * -1e-4;
    const long double exact = std::exp2(static_cast<long double>(t));
    worst =
        std::max(worst, static_cast<double>(std::fabs(portable::PowerOfTwoTo(t) / exact - 1.0L)));
  }
  EXPECT_LT(worst, 1e-15);
  EXPECT_EQ(portable::PowerOfTwoTo(0.0), 1.0);
  EXPECT_EQ(portable::PowerOfTwoTo(-0.0), 1.0);
  EXPECT_EQ(portable::PowerOfTwoTo(-1020.0), 0x1p-1020);
}

TEST(InverseRootAndReciprocal, AnyExponent_WithinTwoUlp) {
  RandomStream stream(kSeed, 0, 9, Draw::kInitial);
  for (int n = 0; n < 200'000; ++n) {
    const double x =
        std::ldexp(1.0 + stream.Uniform(), static_cast<int>(stream.NextU32() % 1600) - 800);
    ASSERT_LT(std::fabs(portable::InverseRoot(x) * std::sqrt(static_cast<long double>(x)) - 1.0L),
              4.5e-16L)
        << x;
    ASSERT_LT(std::fabs(portable::Reciprocal(x) * static_cast<long double>(x) - 1.0L), 4.5e-16L)
        << x;
  }
}

TEST(PortableLog, DenseArguments_WithinOneUlp) {
  double worst = 0.0;
  for (int i = 1; i <= 4000000; ++i) {
    const double x = i * 1e-6;
    worst = std::max(worst, Ulps(PortableLog(x), std::log(static_cast<long double>(x))));
  }
  // Close to 1 the result is small and cancellation would show.
  for (int i = -100000; i <= 100000; ++i) {
    const double x = 1.0 + i * 0x1p-50;
    worst = std::max(worst, Ulps(PortableLog(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, kMaxUlps);
}

TEST(PortableLog, AnyExponent_WithinOneUlp) {
  RecordProperty("seed", static_cast<int>(kSeed));
  RandomStream stream(kSeed, 0, 0, Draw::kInitial);
  double worst = 0.0;
  for (int i = 0; i < 1000000; ++i) {
    const double x = AnyPositive(stream);
    worst = std::max(worst, Ulps(PortableLog(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LT(worst, kMaxUlps) << "seed " << kSeed;
}

TEST(PortableLog, SpecialArguments_LimitValues) {
  EXPECT_EQ(PortableLog(1.0), 0.0);
  EXPECT_EQ(PortableLog(0.0), -kInfinity);
  EXPECT_EQ(PortableLog(-0.0), -kInfinity);
  EXPECT_EQ(PortableLog(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(PortableLog(-1.0)));
  EXPECT_TRUE(std::isnan(PortableLog(-kInfinity)));
  EXPECT_TRUE(std::isnan(PortableLog(std::nan(""))));
  for (const double x :
       {0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp-1023, std::numeric_limits<double>::max()}) {
    EXPECT_LT(Ulps(PortableLog(x), std::log(static_cast<long double>(x))), kMaxUlps) << x;
  }
}

TEST(PortablePow, ManyBasesAndExponents_WithinOneUlp) {
  RandomStream stream(kSeed, 1, 0, Draw::kInitial);
  double worst = 0.0;
  for (int i = 0; i < 400000; ++i) {
    const double base = i % 2 == 0 ? AnyPositive(stream) : 2.0 * stream.Uniform() + 1e-9;
    // Exponents that keep the result between 2^-1022 and 2^1000.
    const double limit = 690.0 / std::max(1e-6, std::fabs(PortableLog(base)));
    const double exponent = (2.0 * stream.Uniform() - 1.0) * limit;
    const long double exact =
        std::pow(static_cast<long double>(base), static_cast<long double>(exponent));
    worst = std::max(worst, Ulps(PortablePow(base, exponent), exact));
  }
  EXPECT_LT(worst, kMaxUlps) << "seed " << kSeed;
}

TEST(PortablePow, SpecialArguments_LimitValues) {
  EXPECT_EQ(PortablePow(5.0, 0.0), 1.0);
  EXPECT_EQ(PortablePow(1.0, 1e300), 1.0);
  EXPECT_EQ(PortablePow(2.0, 10.0), 1024.0);
  EXPECT_EQ(PortablePow(2.0, -1074.0), 0x1p-1074);
  EXPECT_EQ(PortablePow(0.0, 3.0), 0.0);
  EXPECT_EQ(PortablePow(0.0, -3.0), kInfinity);
  EXPECT_EQ(PortablePow(kInfinity, 2.0), kInfinity);
  EXPECT_EQ(PortablePow(kInfinity, -2.0), 0.0);
  EXPECT_EQ(PortablePow(0.5, kInfinity), 0.0);
  EXPECT_EQ(PortablePow(10.0, 400.0), kInfinity);
  EXPECT_EQ(PortablePow(10.0, -400.0), 0.0);
  EXPECT_TRUE(std::isnan(PortablePow(-2.0, 2.0)));
  EXPECT_TRUE(std::isnan(PortablePow(2.0, std::nan(""))));
}

// sin and cos of an angle given exactly: the quarter turn is taken off in integers first.
struct Exact {
  long double sin;
  long double cos;
};
Exact ExactSinCos(double turns) {
  const int quarter = static_cast<int>(std::floor(turns * 4.0 + 0.5));
  const long double x = kTwoPi * (static_cast<long double>(turns) - quarter * 0.25L);
  const long double s = std::sin(x);
  const long double c = std::cos(x);
  const Exact results[] = {{s, c}, {c, -s}, {-s, -c}, {-c, s}};
  return results[quarter & 3];
}

TEST(PortableSinCosTurns, DenseAndTinyArguments_WithinOneUlp) {
  std::vector<double> turns;
  for (int i = 0; i < 2000000; ++i) turns.push_back(i / 2000000.0);
  for (int i = -500; i < 500; ++i) {
    for (const double around : {0.25, 0.5, 0.75}) turns.push_back(around + i * 0x1p-53);
  }
  for (int k = 2; k < 1020; ++k) turns.push_back(1.3 * std::ldexp(1.0, -k));
  turns.push_back(1.0 - 0x1p-53);
  double worst = 0.0;
  for (const double t : turns) {
    const SinCos actual = PortableSinCosTurns(t);
    const Exact exact = ExactSinCos(t);
    worst = std::max({worst, Ulps(actual.sin, exact.sin), Ulps(actual.cos, exact.cos)});
  }
  EXPECT_LT(worst, kMaxUlps);
}

TEST(PortableSinCosTurns, QuarterTurns_Exact) {
  const double sines[] = {0.0, 1.0, 0.0, -1.0};
  for (int quarter = 0; quarter < 4; ++quarter) {
    const SinCos value = PortableSinCosTurns(quarter * 0.25);
    EXPECT_EQ(value.sin, sines[quarter]);
    EXPECT_EQ(value.cos, sines[(quarter + 1) % 4]);
  }
}

// The digest depends on these bits: a change of any of them is a new algorithm revision.
TEST(PortableMath, FixedArguments_FixedBits) {
  EXPECT_EQ(std::bit_cast<uint64_t>(PortableExp(-1.0)), 0x3fd78b56362cef38ULL);
  EXPECT_EQ(std::bit_cast<uint64_t>(PortableLog(10.0)), 0x40026bb1bbb55516ULL);
  EXPECT_EQ(std::bit_cast<uint64_t>(PortableSinCosTurns(0.1).sin), 0x3fe2cf2304755a5eULL);
  EXPECT_EQ(std::bit_cast<uint64_t>(PortablePow(10.0, 0.3)), 0x3fffec982d5bb8afULL);
  uint64_t hash = 14695981039346656037ULL;
  for (int i = 1; i < 10000; ++i) {
    const SinCos angle = PortableSinCosTurns(i * 1e-4);
    for (const double value : {PortableExp(i * 0.01 - 50.0), PortableLog(i * 0.37), angle.sin,
                               angle.cos, PortablePow(i * 0.01, 1.7)}) {
      hash = (hash ^ std::bit_cast<uint64_t>(value)) * 1099511628211ULL;
    }
  }
  EXPECT_EQ(hash, 0x2583ab2a5cb82400ULL);
}

}  // namespace
}  // namespace polystep
