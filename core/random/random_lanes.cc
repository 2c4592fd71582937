#include "core/random/random_lanes.h"

#include <cmath>

#include "core/random/philox.h"
#include "core/random/portable_inline.h"

namespace polystep {
namespace {

using Words = uint32_t[4][kLanes];

// Block `number` of each stream.
POLYSTEP_INLINE void DrawBlock(const RowStreams& streams, uint32_t number, Words& words) {
  const uint32_t step_low = static_cast<uint32_t>(streams.step);
  const uint32_t step_high = philox::HighWord(streams.step, static_cast<uint32_t>(streams.draw));
  const uint32_t key_low = static_cast<uint32_t>(streams.seed);
  const uint32_t key_high = static_cast<uint32_t>(streams.seed >> 32);
  for (uint32_t l = 0; l < kLanes; ++l) {
    uint32_t counter[4] = {number, streams.first_row + l, step_low, step_high};
    uint32_t key[2] = {key_low, key_high};
    philox::Rounds(counter, key);
    for (size_t w = 0; w < 4; ++w) words[w][l] = counter[w];
  }
}

POLYSTEP_WIDE void FirstTurn(const RowStreams& streams, double* sin, double* cos) {
  Words words;
  DrawBlock(streams, 0, words);
  for (size_t l = 0; l < kLanes; ++l) {
    double sine = 0.0;
    double cosine = 0.0;
    portable::SinCosOfTurns(portable::UniformOf(words[0][l], words[1][l]), sine, cosine);
    sin[l] = sine;
    cos[l] = cosine;
  }
}

// Box-Muller: a block makes two.
POLYSTEP_WIDE void NormalPairs(const RowStreams& streams, size_t pairs, double* normals) {
  Words words;
  for (size_t pair = 0; pair < pairs; ++pair) {
    DrawBlock(streams, static_cast<uint32_t>(pair), words);
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
  FirstTurn(streams, sin, cos);
}

void NormalLanes(const RowStreams& streams, size_t count, double* normals) {
  NormalPairs(streams, (count + 1) / 2, normals);
}

}  // namespace polystep
