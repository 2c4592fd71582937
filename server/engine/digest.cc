#include "server/engine/digest.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "server/base/check.h"
#include "server/base/sha256.h"
#include "server/engine/spec_codec.h"

namespace polystep {
namespace {

constexpr size_t kChunk = 8192;  // values hashed at a time

// Values looked at together: a loop without an exit takes many of them at once.
constexpr size_t kTogether = 16;

bool HasNan(absl::Span<const double> values) {
  for (; values.size() >= kTogether; values.remove_prefix(kTogether)) {
    const double* some = values.data();
    int nan = 0;
    for (size_t k = 0; k < kTogether; ++k) nan |= static_cast<int>(some[k] != some[k]);
    if (nan != 0) return true;
  }
  return std::any_of(values.begin(), values.end(), [](double value) { return value != value; });
}

// Calls update(bytes) for the values as ByteWriter writes them, a chunk after the other: as they
// lie in memory where that is how they are written.
template <class Update>
void ForBytes(absl::Span<const double> values, Update update) {
  for (; !values.empty(); values.remove_prefix(std::min(values.size(), kChunk))) {
    const absl::Span<const double> chunk = values.first(std::min(values.size(), kChunk));
    if (std::endian::native == std::endian::little && !HasNan(chunk)) {
      update(std::string_view(reinterpret_cast<const char*>(chunk.data()),
                              sizeof(double) * chunk.size()));
      continue;
    }
    ByteWriter bytes;
    bytes.F64s(chunk);
    update(std::string_view(bytes.bytes()));
  }
}

// What the center is follows from the rest: it is here so that machines that compute it differently
// are found out. A fast 128-bit hash does that, where SHA-256 of millions of coordinates would take
// most of a step.
void HashCenter(absl::Span<const double> center, Sha256Hasher& hasher) {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  const std::unique_ptr<XXH3_state_t, Free> state(XXH3_createState());
  Check(state != nullptr && XXH3_128bits_reset(state.get()) == XXH_OK, "out of memory for XXH3");
  ForBytes(center, [&](std::string_view bytes) {
    XXH3_128bits_update(state.get(), bytes.data(), bytes.size());
  });
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
  hasher.Update({reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)});
}

bool HasLoss(Outcome outcome) {
  return outcome == Outcome::kLoss || outcome == Outcome::kViolation;
}

// Nothing where all is feasible: what such a step hashes to does not depend on this.
void HashViolations(const ClosedStep& closed, Sha256Hasher& hasher) {
  const auto& outcomes = closed.outcomes;
  if (std::find(outcomes.begin(), outcomes.end(), Outcome::kViolation) == outcomes.end()) return;
  std::vector<double> violations(outcomes.size(), 0.0);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == Outcome::kViolation) violations[i] = closed.violations[i];
  }
  ForBytes(violations, [&](std::string_view chunk) { hasher.Update(chunk); });
}

}  // namespace

std::string InitialDigest(const StudySpec& spec, const SearchSpec& resolved, int32_t revision) {
  ByteWriter bytes;
  bytes.Text("polystep trajectory");
  bytes.U32(static_cast<uint32_t>(revision));
  bytes.U8(static_cast<uint8_t>(spec.goal));
  bytes.U8(static_cast<uint8_t>(spec.non_finite));
  WriteSearchSpec(resolved, SpecNames::kLeaveOut, bytes);
  return Sha256(bytes.bytes());
}

std::string NextDigest(std::string_view previous, const ClosedStep& closed) {
  Sha256Hasher hasher;
  hasher.Update(previous);
  ByteWriter head;
  head.I64(closed.step);
  head.U64(closed.losses.size());
  hasher.Update(head.bytes());
  std::vector<double> losses;
  for (size_t begin = 0; begin < closed.losses.size(); begin += kChunk) {
    ByteWriter bytes;
    size_t end = std::min(closed.losses.size(), begin + kChunk);
    losses.assign(closed.losses.begin() + begin, closed.losses.begin() + end);
    for (size_t i = begin; i < end; ++i) {
      if (!HasLoss(closed.outcomes[i])) losses[i - begin] = 0.0;
    }
    bytes.F64s(losses);
    for (size_t i = begin; i < end; ++i) bytes.U8(static_cast<uint8_t>(closed.outcomes[i]));
    hasher.Update(bytes.bytes());
  }
  HashCenter(closed.center, hasher);
  HashViolations(closed, hasher);
  return hasher.Finish();
}

}  // namespace polystep
