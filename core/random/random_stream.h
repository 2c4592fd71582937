// Counter-based randomness: the numbers drawn for (seed, step, row, purpose) never depend on what
// else was drawn, so any candidate can be made again anywhere.
//
// Philox4x32-10 (Salmon et al., SC 2011). A value type; not shared between threads.
#ifndef POLYSTEP_CORE_RANDOM_RANDOM_STREAM_H_
#define POLYSTEP_CORE_RANDOM_RANDOM_STREAM_H_

#include <array>
#include <cstdint>

namespace polystep {

// One Philox4x32-10 block.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// What a stream is for; keeps draws of one (seed, step, row) apart.
enum class Draw : uint32_t {
  kRotation = 1,
  kFrame = 2,
  kLength = 3,
  kInitial = 4,
  kRestart = 5,
  kEvaluationSeed = 6,
  kJitter = 7,
  kPermutation = 8,
  kAcceptance = 9,
  kSubspace = 10,
};

class RandomStream {
 public:
  // seed is the key; (step, row, draw) and the block number make up the 128-bit counter.
  // step < 2^40; draw < 2^24; a stream repeats after 2^34 values.
  RandomStream(uint64_t seed, uint64_t step, uint32_t row, Draw draw);

  uint32_t NextU32();
  uint64_t NextU64();  // low half first
  double Uniform();    // [0, 1), 53 bits
  double Normal();     // standard normal, Box-Muller on portable math

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace polystep

#endif  // POLYSTEP_CORE_RANDOM_RANDOM_STREAM_H_
