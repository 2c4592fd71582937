// The trajectory digest: one SHA-256 chain over everything a study's outcome is made of.
//
// d0 covers the spec less names, labels, lease and stop policy; d(t) covers d(t-1), t, the losses
// by index as canonical little-endian doubles, the mask, the new center and, in a step where
// constraints were violated, the violations by index. The center is doubles as well, or, of
// POLYSTEP_FLIP, bits, eight a byte, the lowest first. Nothing of times, workers, attempts or
// storage, so runs of one study agree whatever happened to their machines.
// Results are 32 raw bytes. Pure functions.
#ifndef POLYSTEP_SERVER_ENGINE_DIGEST_H_
#define POLYSTEP_SERVER_ENGINE_DIGEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "core/search/search.h"
#include "server/engine/study_spec.h"

namespace polystep {

// `resolved` is what the search runs on: the spec with nothing automatic left.
std::string InitialDigest(const StudySpec& spec, const SearchSpec& resolved, int32_t revision);

struct ClosedStep {
  int64_t step = 0;
  absl::Span<const double> losses;  // only those whose outcome is kLoss or kViolation count
  absl::Span<const Outcome> outcomes;
  absl::Span<const double> center;           // after the step
  absl::Span<const double> violations = {};  // of kViolation; may be empty where there is none
  const Bits* center_bits = nullptr;  // of a method that has them: hashed instead of `center`
};
std::string NextDigest(std::string_view previous, const ClosedStep& closed);

}  // namespace polystep

#endif  // POLYSTEP_SERVER_ENGINE_DIGEST_H_
