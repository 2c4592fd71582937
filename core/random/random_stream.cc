#include "core/random/random_stream.h"

#include <cmath>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr int kRounds = 10;
constexpr uint64_t kMultiplier0 = 0xD2511F53;
constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kKeyStep0 = 0x9E3779B9;
constexpr uint32_t kKeyStep1 = 0xBB67AE85;

}  // namespace

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t product0 = kMultiplier0 * counter[0];
    const uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += kKeyStep0;
    key[1] += kKeyStep1;
  }
  return counter;
}

RandomStream::RandomStream(uint64_t seed, uint64_t step, uint32_t row, Draw draw)
    : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)},
      counter_{0, row, static_cast<uint32_t>(step),
               (static_cast<uint32_t>(step >> 32) & 0xff) | (static_cast<uint32_t>(draw) << 8)} {}

uint32_t RandomStream::NextU32() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t RandomStream::NextU64() {
  const uint64_t low = NextU32();
  return low | (static_cast<uint64_t>(NextU32()) << 32);
}

double RandomStream::Uniform() { return static_cast<double>(NextU64() >> 11) * 0x1p-53; }

double RandomStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * PortableLog(1.0 - Uniform()));
  const SinCos angle = PortableSinCosTurns(Uniform());
  spare_ = radius * angle.sin;
  has_spare_ = true;
  return radius * angle.cos;
}

}  // namespace polystep
