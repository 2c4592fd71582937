#include "server/engine/digest.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/wide.h"
#include "server/base/sha256.h"
#include "server/engine/spec_codec.h"

namespace polystep {
namespace {

constexpr size_t kChunk = 8192;  // values hashed at a time

POLYSTEP_WIDE bool HasNan(const double* values, size_t count) {
  int64_t nan = 0;  // as wide as the values
  for (size_t k = 0; k < count; ++k) nan |= static_cast<int64_t>(values[k] != values[k]);
  return nan != 0;
}

// As they lie in memory where that is how they are written.
bool HashInPlace(absl::Span<const double> values, Sha256Hasher& hasher) {
  if (std::endian::native != std::endian::little) return false;
  if (HasNan(values.data(), values.size())) return false;
  hasher.Update({reinterpret_cast<const char*>(values.data()), sizeof(double) * values.size()});
  return true;
}

void HashDoubles(absl::Span<const double> values, Sha256Hasher& hasher) {
  for (size_t begin = 0; begin < values.size(); begin += kChunk) {
    if (HashInPlace(values.subspan(begin, kChunk), hasher)) continue;
    ByteWriter bytes;
    bytes.F64s(values.subspan(begin, kChunk));
    hasher.Update(bytes.bytes());
  }
}

bool HasLoss(Outcome outcome) {
  return outcome == Outcome::kLoss || outcome == Outcome::kViolation;
}

// Losses, 0 where an outcome has none, and outcomes of a chunk.
void HashAnswers(absl::Span<const double> losses, absl::Span<const Outcome> outcomes,
                 Sha256Hasher& hasher) {
  static_assert(sizeof(Outcome) == 1);
  if (std::all_of(outcomes.begin(), outcomes.end(), HasLoss)) {
    HashDoubles(losses, hasher);
  } else {
    std::vector<double> clean(losses.begin(), losses.end());
    for (size_t i = 0; i < clean.size(); ++i) {
      if (!HasLoss(outcomes[i])) clean[i] = 0.0;
    }
    HashDoubles(clean, hasher);
  }
  hasher.Update({reinterpret_cast<const char*>(outcomes.data()), outcomes.size()});
}

// Nothing where all is feasible: what such a step hashes to does not depend on this.
void HashViolations(const ClosedStep& closed, Sha256Hasher& hasher) {
  const auto& outcomes = closed.outcomes;
  if (std::find(outcomes.begin(), outcomes.end(), Outcome::kViolation) == outcomes.end()) return;
  std::vector<double> violations(outcomes.size(), 0.0);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == Outcome::kViolation) violations[i] = closed.violations[i];
  }
  HashDoubles(violations, hasher);
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
  for (size_t begin = 0; begin < closed.losses.size(); begin += kChunk) {
    HashAnswers(closed.losses.subspan(begin, kChunk), closed.outcomes.subspan(begin, kChunk),
                hasher);
  }
  if (closed.center_bits != nullptr) {
    hasher.Update(closed.center_bits->bytes());
  } else {
    HashDoubles(closed.center, hasher);
  }
  HashViolations(closed, hasher);
  return hasher.Finish();
}

}  // namespace polystep
