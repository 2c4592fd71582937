#include "core/frames/reflection_lanes.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/base/wide.h"
#include "core/random/philox_lanes.h"
#include "core/random/portable_inline.h"

namespace polystep {
namespace {

using Lane = double[kLanes];

constexpr size_t kMostDims = 16;
// Of the directions in 3 to `dim` dimensions.
constexpr size_t DirectionNumbers(size_t dim) { return dim * (dim + 1) / 2 - 3; }
// A block of random words makes four normal numbers.
constexpr size_t BlocksFor(size_t dim) { return (DirectionNumbers(dim) + 3) / 4; }
constexpr size_t kMostNormals = 4 * BlocksFor(kMostDims);

// log(1 + f) / f for f in [sqrt(1/2) - 1, sqrt(2) - 1], to 3e-8.
constexpr std::array<float, 9> kLog = {1.0F,          -0.499999881F, 0.333341837F,
                                       -0.250021547F, 0.199569777F,  -0.165606961F,
                                       0.149490952F,  -0.143773302F, 0.0874394551F};
// sin(x) / x and cos(x) in x^2, |x| <= pi / 4.
constexpr std::array<float, 5> kSin = {1.0F, -1.0F / 6.0F, 1.0F / 120.0F, -1.0F / 5040.0F,
                                       1.0F / 362880.0F};
constexpr std::array<float, 5> kCos = {1.0F, -0.5F, 1.0F / 24.0F, -1.0F / 720.0F, 1.0F / 40320.0F};

template <size_t N>
POLYSTEP_INLINE float Horner(const std::array<float, N>& c, float x) {
  float sum = c[N - 1];
  for (size_t n = N - 1; n > 0; --n) sum = sum * x + c[n - 1];
  return sum;
}

// Box-Muller in single precision: the radius from 23 bits of one word, the angle from 24 of the
// other, whose last two say in which quarter it lies.
POLYSTEP_INLINE void NormalPair(uint32_t radius_word, uint32_t angle_word, float& even,
                                float& odd) {
  const float uniform = (static_cast<float>(static_cast<int32_t>(radius_word >> 9)) + 0.5F) *
                        0x1p-23F;  // exact, in (0, 1)
  const uint32_t bits = std::bit_cast<uint32_t>(uniform);
  const float mantissa = std::bit_cast<float>((bits & 0x007fffffU) | 0x3f800000U);
  const bool large = mantissa > 1.41421356F;
  const float exponent =
      static_cast<float>(static_cast<int32_t>(bits >> 23) - 127) + (large ? 1.0F : 0.0F);
  const float f = (large ? 0.5F * mantissa : mantissa) - 1.0F;
  const float log = exponent * 0.693147180F + f * Horner(kLog, f);
  const float radius = std::sqrt(-2.0F * log);
  // In units of an eighth of a turn, in (-1, 1).
  const float eighths =
      static_cast<float>((static_cast<int32_t>(angle_word) >> 8)) * 0x1p-23F + 0x1p-24F;
  const float x = eighths * 0.785398163F;
  const float square = x * x;
  const float cos = radius * Horner(kCos, square);
  const float sin = radius * x * Horner(kSin, square);
  const bool swapped = (angle_word & 1U) != 0;
  const bool turned = (angle_word & 2U) != 0;
  const float first = swapped ? sin : cos;
  const float second = swapped ? cos : sin;
  even = turned ? -first : first;
  odd = turned ? -second : second;
}

// Of the directions in 3 to `dim` dimensions.
POLYSTEP_INLINE void Normals(const WordLanes* words, size_t blocks, float* normals) {
  for (size_t pair = 0; pair < 2 * blocks; ++pair) {
    const uint32_t* const radius = words[pair / 2][2 * (pair % 2)];
    float* const even = normals + 2 * pair * kLanes;
    for (size_t l = 0; l < kLanes; ++l) {
      NormalPair(radius[l], radius[kLanes + l], even[l], even[kLanes + l]);
    }
  }
}

// w and 1 / beta of a direction in n dimensions: (n + 1) x kLanes.
POLYSTEP_INLINE void MakeReflection(const float* direction, size_t n, double* reflection) {
  float square[kLanes] = {};
  for (size_t i = 0; i < n; ++i) {
    for (size_t l = 0; l < kLanes; ++l) {
      // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): Normals set it, n is not 0
      const float g = direction[i * kLanes + l];
      square[l] += g * g;
    }
  }
  Lane twice;
  for (size_t l = 0; l < kLanes; ++l) {
    const double w = direction[l] - std::sqrt(square[l]);
    reflection[l] = w;
    twice[l] = w * w;
  }
  for (size_t i = 1; i < n; ++i) {
    for (size_t l = 0; l < kLanes; ++l) {
      const double w = direction[i * kLanes + l];
      reflection[i * kLanes + l] = w;
      twice[l] += w * w;
    }
  }
  for (size_t l = 0; l < kLanes; ++l) {
    // Without a direction, or with one along e_1, the identity.
    const double inverse = 2.0 / twice[l];
    reflection[n * kLanes + l] = twice[l] > 0.0 ? inverse : 0.0;
  }
}

POLYSTEP_INLINE void MakeReflections(const WordLanes* words, size_t dim, double* reflections) {
  float normals[kMostNormals * kLanes];
  Normals(words, BlocksFor(dim), normals);
  const float* direction = normals;
  for (size_t n = 3; n <= dim; ++n) {
    MakeReflection(direction, n, reflections);
    direction += n * kLanes;
    reflections += (n + 1) * kLanes;
  }
}

// Block 0 is the plane's.
POLYSTEP_WIDE void DrawReflectionsWide(const RowStreams& streams, size_t dim, double* reflections) {
  WordLanes words[kMostNormals / 4];
  for (size_t n = 0; n < BlocksFor(dim); ++n) {
    DrawBlockLanes(streams, static_cast<uint32_t>(n + 1), words[n]);
  }
  MakeReflections(words, dim, reflections);
}

#ifdef POLYSTEP_AVX512
POLYSTEP_AVX512 void DrawReflectionsAvx512(const RowStreams& streams, size_t dim,
                                           double* reflections) {
  WordLanes words[kMostNormals / 4];
  for (size_t n = 0; n < BlocksFor(dim); ++n) {
    DrawBlockAvx512(streams, static_cast<uint32_t>(n + 1), words[n]);
  }
  MakeReflections(words, dim, reflections);
}
#endif

// One reflection of the last n components of a column whose components are `stride` apart.
POLYSTEP_INLINE void ReflectColumn(const double* reflection, size_t n, size_t stride, double* x) {
  Lane along = {};
  for (size_t i = 0; i < n; ++i) {
    for (size_t l = 0; l < kLanes; ++l) along[l] += reflection[i * kLanes + l] * x[i * stride + l];
  }
  for (size_t l = 0; l < kLanes; ++l) along[l] *= reflection[n * kLanes + l];
  for (size_t i = 0; i < n; ++i) {
    for (size_t l = 0; l < kLanes; ++l) x[i * stride + l] -= along[l] * reflection[i * kLanes + l];
  }
}

// The plane's sin and cos come first, then the reflections by rising dimension.
POLYSTEP_INLINE void ReflectColumns(size_t dim, size_t columns, const double* reflections,
                                    double* x) {
  const size_t stride = columns * kLanes;
  const double* const sin = reflections;
  const double* const cos = reflections + kLanes;
  // dim - 2 reflections follow.
  const double sign = dim % 2 == 0 ? 1.0 : -1.0;
  for (size_t c = 0; c < columns; ++c) {
    double* const first = x + (dim - 2) * stride + c * kLanes;
    for (size_t l = 0; l < kLanes; ++l) {
      const double a = first[l];
      const double b = sign * first[stride + l];
      first[l] = cos[l] * a - sin[l] * b;
      first[stride + l] = sin[l] * a + cos[l] * b;
    }
  }
  const double* reflection = reflections + 2 * kLanes;
  for (size_t n = 3; n <= dim; ++n) {
    // Of a whole matrix, which began as the identity, the columns before have zeros there.
    const size_t begin = columns == dim ? dim - n : 0;
    for (size_t c = begin; c < columns; ++c) {
      ReflectColumn(reflection, n, stride, x + (dim - n) * stride + c * kLanes);
    }
    reflection += (n + 1) * kLanes;
  }
}

POLYSTEP_WIDE void ReflectWide(size_t dim, size_t columns, const double* reflections, double* x) {
  ReflectColumns(dim, columns, reflections, x);
}

}  // namespace

size_t ReflectionLanesSize(int dim) {
  const auto d = static_cast<size_t>(dim);
  return (2 + (d > 2 ? DirectionNumbers(d) + d - 2 : 0)) * kLanes;
}

void DrawReflections(int dim, const RowStreams& streams, absl::Span<double> reflections) {
  double* const plane = reflections.data();
  FirstTurnLanes(streams, plane, plane + kLanes);
  double* const rest = plane + 2 * kLanes;
  const auto d = static_cast<size_t>(dim);
#ifdef POLYSTEP_AVX512
  static const bool kHasAvx512 = HasAvx512();
  if (kHasAvx512) {
    DrawReflectionsAvx512(streams, d, rest);
    return;
  }
#endif
  DrawReflectionsWide(streams, d, rest);
}

void Reflect(int dim, absl::Span<const double> reflections, absl::Span<double> x) {
  ReflectWide(static_cast<size_t>(dim), 1, reflections.data(), x.data());
}

void ReflectionMatrices(int dim, absl::Span<const double> reflections,
                        absl::Span<double> matrices) {
  const auto d = static_cast<size_t>(dim);
  for (size_t n = 0; n < d * d * kLanes; ++n) matrices[n] = 0.0;
  for (size_t i = 0; i < d; ++i) {
    for (size_t l = 0; l < kLanes; ++l) matrices[(i * d + i) * kLanes + l] = 1.0;
  }
  ReflectWide(d, d, reflections.data(), matrices.data());
}

}  // namespace polystep
