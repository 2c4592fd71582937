#include "core/random/random_lanes.h"

#include <cmath>

#include "core/random/philox_lanes.h"
#include "core/random/portable_inline.h"

namespace polystep {
namespace {

// kFused as in portable_inline.h.
template <bool kFused>
POLYSTEP_INLINE void TurnsOf(const WordLanes& words, double* sin, double* cos) {
  for (size_t l = 0; l < kLanes; ++l) {
    double sine = 0.0;
    double cosine = 0.0;
    portable::SinCosOfTurns<kFused>(portable::UniformOf(words[0][l], words[1][l]), sine, cosine);
    sin[l] = sine;
    cos[l] = cosine;
  }
}

POLYSTEP_WIDE void FirstTurn(const RowStreams& streams, double* sin, double* cos) {
  WordLanes words;
  DrawBlockLanes(streams, 0, words);
  TurnsOf<false>(words, sin, cos);
}

#ifdef POLYSTEP_AVX512
POLYSTEP_AVX512 void FirstTurnAvx512(const RowStreams& streams, double* sin, double* cos) {
  WordLanes words;
  DrawBlockAvx512(streams, 0, words);
  TurnsOf<true>(words, sin, cos);
}
#endif

// Box-Muller: a block makes two.
POLYSTEP_WIDE void NormalPairs(const RowStreams& streams, size_t pairs, double* normals) {
  WordLanes words;
  for (size_t pair = 0; pair < pairs; ++pair) {
    DrawBlockLanes(streams, static_cast<uint32_t>(pair), words);
    double* const even = normals + 2 * pair * kLanes;
    double* const odd = even + kLanes;
    for (size_t l = 0; l < kLanes; ++l) {
      const double rest = 1.0 - portable::UniformOf(words[0][l], words[1][l]);
      const double log = portable::LogOfReduced(portable::ReduceNormal(rest));
      const double radius = std::sqrt(-2.0 * log);
      double sine = 0.0;
      double cosine = 0.0;
      portable::SinCosOfTurns(portable::UniformOf(words[2][l], words[3][l]), sine, cosine);
      even[l] = radius * cosine;
      odd[l] = radius * sine;
    }
  }
}

}  // namespace

void FirstTurnLanes(const RowStreams& streams, double* sin, double* cos) {
#ifdef POLYSTEP_AVX512
  static const bool kHasAvx512 = HasAvx512();
  if (kHasAvx512) {
    FirstTurnAvx512(streams, sin, cos);
    return;
  }
#endif
  FirstTurn(streams, sin, cos);
}

void NormalLanes(const RowStreams& streams, size_t count, double* normals) {
  NormalPairs(streams, (count + 1) / 2, normals);
}

}  // namespace polystep
