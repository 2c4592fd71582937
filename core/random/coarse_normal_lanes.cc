#include "core/random/coarse_normal_lanes.h"

#include <cstdint>
#include <cstring>

#include "core/base/vectors.h"
#include "core/base/wide.h"
#include "core/random/philox_lanes.h"

namespace polystep {
namespace {

// x with P(|X| > x) = m 2^(e - 31), m in [1, 2), as sum_j kQuantile[j][(e + 31) mod 32] m^j:
// interpolated where a Chebyshev polynomial is zero. That of e = 31, a probability of 1, is 0.
struct Coefficients {
  float of[32];
};
constexpr Coefficients kQuantile[5] = {
    {{6.39354658F, 6.28684521F, 6.17839146F, 6.06809902F, 5.95587158F, 5.84160662F, 5.72519064F,
      5.6065011F,  5.48540163F, 5.36174297F, 5.23536062F, 5.106071F,   4.97366953F, 4.83792734F,
      4.69858694F, 4.55535603F, 4.40790176F, 4.25584412F, 4.09874201F, 3.93608379F, 3.76726842F,
      3.59158373F, 3.40817785F, 3.21601963F, 3.01384783F, 2.80010056F, 2.572824F,   2.32955384F,
      2.0671351F,  1.7774359F,  0.0F,        6.49857712F}},
    {{-0.436980158F, -0.444406241F, -0.452217847F, -0.460449189F, -0.469138891F, -0.478330612F,
      -0.488074094F, -0.49842611F,  -0.509451985F, -0.521227181F, -0.533839285F, -0.547391057F,
      -0.562003314F, -0.577819705F, -0.595012307F, -0.613789201F, -0.634404659F, -0.657172978F,
      -0.682487965F, -0.71085006F,  -0.742905974F, -0.779507339F, -0.821800232F, -0.871365964F,
      -0.930450797F, -1.0023551F,   -1.09212184F,  -1.20780873F,  -1.36280751F,  -1.5670166F,
      0.0F,          -0.429909199F}},
    {{0.22261849F,  0.226303145F, 0.230173603F, 0.234245807F, 0.238537699F, 0.243069485F,
      0.247864023F, 0.25294733F,  0.25834915F,  0.264103532F, 0.270249903F, 0.276833981F,
      0.283909112F, 0.29153809F,  0.2997953F,   0.308769494F, 0.318567544F, 0.329319209F,
      0.341183722F, 0.354358375F, 0.369090348F, 0.385692745F, 0.40456605F,  0.426226616F,
      0.451340228F, 0.480750829F, 0.515456557F, 0.556352913F, 0.602893233F, 0.631083727F,
      0.0F,         0.219105378F}},
    {{-0.0667938516F, -0.0678904802F, -0.0690419376F, -0.0702528805F, -0.0715285614F,
      -0.0728748664F, -0.0742984563F, -0.0758069158F, -0.0774088651F, -0.079114221F,
      -0.0809343755F, -0.0828825533F, -0.0849741623F, -0.0872272924F, -0.0896633118F,
      -0.092307657F,  -0.0951908678F, -0.0983499438F, -0.101830095F,  -0.105687194F,
      -0.109990962F,  -0.114829443F,  -0.120315053F,  -0.126592815F,  -0.133851379F,
      -0.142337322F,  -0.15237321F,   -0.16438958F,   -0.178981632F,  -0.18813321F,
      0.0F,           -0.0657478794F}},
    {{0.00835319329F, 0.00848980434F, 0.00863321777F, 0.00878401008F, 0.00894282758F,
      0.00911039766F, 0.00928754453F, 0.00947519951F, 0.00967442617F, 0.00988644548F,
      0.0101126591F,  0.0103546921F,  0.010614438F,   0.010894116F,   0.0111963432F,
      0.0115242377F,  0.0118815331F,  0.0122727463F,  0.0127033945F,  0.0131802782F,
      0.0137118772F,  0.0143088764F,  0.0149849011F,  0.015757503F,   0.0166495033F,
      0.0176906902F,  0.0189196896F,  0.020383399F,   0.0220792312F,  0.0210843608F,
      0.0F,           0.00822286867F}},
};

// Philox passes TestU01's BigCrush from 7 rounds on (Salmon et al., table 2); 10 are a margin.
constexpr int kSeedRounds = 7;

// The state is that of one row, or a vector of rows.
template <typename Words>
struct Xoshiro {
  Words a, b, c, d;

  POLYSTEP_INLINE void Next(Words& word) {
    word = a + d;
    const Words shifted = b << 9;
    const Words turned = b ^ d;
    const Words before = a;
    a = a ^ b ^ d;
    b = b ^ c ^ before;
    c = c ^ before ^ shifted;
    d = (turned << 11) | (turned >> 21);
  }
};

constexpr uint32_t kSign = 0x80000000;
constexpr uint32_t kMantissa = 0x007fffff;
constexpr uint32_t kOne = 0x3f800000;

// By Estrin's scheme, in which fewer operations wait for each other.
template <typename F>
POLYSTEP_INLINE F Quantile(F m, F c0, F c1, F c2, F c3, F c4) {
  const F square = m * m;
  return (c0 + c1 * m) + ((c2 + c3 * m) + c4 * square) * square;
}

POLYSTEP_INLINE float NormalOf(uint32_t word) {
  const auto probability = static_cast<float>(static_cast<int32_t>((word & ~kSign) | 1));
  const uint32_t bits = __builtin_bit_cast(uint32_t, probability);
  const uint32_t octave = (bits >> 23) & 31;
  const float m = __builtin_bit_cast(float, (bits & kMantissa) | kOne);
  const float x =
      Quantile(m, kQuantile[0].of[octave], kQuantile[1].of[octave], kQuantile[2].of[octave],
               kQuantile[3].of[octave], kQuantile[4].of[octave]);
  return __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, x) ^ (word & kSign));
}

POLYSTEP_WIDE void DrawWide(const RowStreams& streams, size_t count, double* normals) {
  WordLanes words;
  DrawBlockLanes<kSeedRounds>(streams, 0, words);
  for (size_t n = 0; n < count; ++n) {
    for (size_t l = 0; l < kLanes; ++l) {
      Xoshiro<uint32_t> state = {words[0][l], words[1][l], words[2][l], words[3][l]};
      uint32_t word = 0;
      state.Next(word);
      words[0][l] = state.a;
      words[1][l] = state.b;
      words[2][l] = state.c;
      words[3][l] = state.d;
      normals[n * kLanes + l] = NormalOf(word);
    }
  }
}

#if defined(POLYSTEP_AVX512) && !defined(__clang__)
static_assert(kLanes == 16);
using Words = uint32_t __attribute__((vector_size(64)));
using Indices = int32_t __attribute__((vector_size(64)));
using Floats = float __attribute__((vector_size(64)));
using HalfFloats = float __attribute__((vector_size(32)));

POLYSTEP_AVX512 POLYSTEP_INLINE Words LoadWords(const uint32_t* from) {
  Words words;
  std::memcpy(&words, from, sizeof(words));
  return words;
}

// Two registers hold a coefficient of all octaves; their last five bits choose.
POLYSTEP_AVX512 POLYSTEP_INLINE Floats Choose(const Coefficients& from, Indices octaves) {
  Floats low;
  Floats high;
  std::memcpy(&low, from.of, sizeof(low));
  std::memcpy(&high, from.of + 16, sizeof(high));
  return __builtin_shuffle(low, high, octaves);
}

POLYSTEP_AVX512 void DrawAvx512(const RowStreams& streams, size_t count, double* normals) {
  WordLanes seeds;
  DrawBlockAvx512<kSeedRounds>(streams, 0, seeds);
  Xoshiro<Words> state = {LoadWords(seeds[0]), LoadWords(seeds[1]), LoadWords(seeds[2]),
                          LoadWords(seeds[3])};
  for (size_t n = 0; n < count; ++n) {
    Words word;
    state.Next(word);
    const Floats probability =
        __builtin_convertvector(__builtin_bit_cast(Indices, (word & ~kSign) | 1), Floats);
    const Words bits = __builtin_bit_cast(Words, probability);
    const Indices octaves = __builtin_bit_cast(Indices, bits >> 23);
    const Floats m = __builtin_bit_cast(Floats, (bits & kMantissa) | kOne);
    const Floats x = Quantile(m, Choose(kQuantile[0], octaves), Choose(kQuantile[1], octaves),
                              Choose(kQuantile[2], octaves), Choose(kQuantile[3], octaves),
                              Choose(kQuantile[4], octaves));
    const Words signed_bits = __builtin_bit_cast(Words, x) ^ (word & kSign);
    HalfFloats halves[2];
    std::memcpy(halves, &signed_bits, sizeof(signed_bits));
    for (size_t half = 0; half < 2; ++half) {
      // __builtin_convertvector makes four of it.
      constexpr char kAll = -1;
      constexpr int kRoundAsEver = 4;
      const Doubles8 x =
          __builtin_ia32_cvtps2pd512_mask(halves[half], Doubles8{}, kAll, kRoundAsEver);
      StoreVector(x, normals + n * kLanes + 8 * half);
    }
  }
}
#endif

}  // namespace

std::vector<CoarseNormalKernel> CoarseNormalKernels() {
  std::vector<CoarseNormalKernel> kernels;
#if defined(POLYSTEP_AVX512) && !defined(__clang__)
  if (HasAvx512()) kernels.push_back(DrawAvx512);
#endif
  kernels.push_back(DrawWide);
  return kernels;
}

void CoarseNormalLanes(const RowStreams& streams, size_t count, double* normals) {
  static const CoarseNormalKernel kFastest = CoarseNormalKernels().front();
  kFastest(streams, count, normals);
}

}  // namespace polystep
