#include "server/engine/lease_sizing.h"

#include <algorithm>

#include "server/engine/limits.h"

namespace polystep {
namespace {

constexpr absl::Duration kTarget = absl::Seconds(2);
// Of a lease: less work than this is not worth its two calls.
constexpr absl::Duration kShortest = absl::Milliseconds(2);
constexpr uint32_t kGrowth = 8;
// What a call may take on a machine with other things to do.
constexpr absl::Duration kShortestSlow = absl::Milliseconds(10);
constexpr int kSlow = 2;  // times what is typical

// Evaluations that a worker does in `time`, at most as many as a lease has.
uint32_t Within(absl::Duration time, absl::Duration per_evaluation) {
  const double count = absl::FDivDuration(time, per_evaluation);
  return count >= limits::kLeaseEvaluations ? limits::kLeaseEvaluations
                                            : static_cast<uint32_t>(count);
}

}  // namespace

uint32_t LeaseSize(const LeaseSizing& sizing) {
  if (sizing.asked > 0) return std::min(sizing.asked, limits::kLeaseEvaluations);
  if (sizing.per_evaluation <= absl::ZeroDuration()) return 1;
  uint32_t size = Within(kTarget, sizing.per_evaluation);
  double share = sizing.available / (2.0 * std::max(1u, sizing.active_workers));
  // The others must not wait for the last evaluation of a slow one.
  if (sizing.per_evaluation > sizing.typical && sizing.typical > absl::ZeroDuration()) {
    share *= absl::FDivDuration(sizing.typical, sizing.per_evaluation);
  }
  const uint32_t shortest = std::min(Within(kShortest, sizing.per_evaluation), sizing.available);
  size = std::min(size, std::max(static_cast<uint32_t>(share), shortest));
  size = std::min(size, kGrowth * std::max(1u, sizing.largest_finished));
  return std::max(1u, size);
}

uint32_t WholeRows(uint32_t first, uint32_t count, uint32_t row, uint32_t most) {
  const uint32_t to_end = row - first % row;  // of the first row
  if (count >= to_end) return count - (first + count) % row;
  return to_end <= most ? to_end : count;
}

uint32_t PieceAfterLosses(uint32_t lost) {
  if (lost < 3) return limits::kLeaseEvaluations;
  if (lost > 5) return 1;
  return 64u >> (2 * (lost - 3));
}

absl::Duration SlowAfter(uint32_t count, const TypicalTimes& typical) {
  if (typical.evaluation <= absl::ZeroDuration()) return absl::InfiniteDuration();
  return std::max(kShortestSlow, kSlow * std::max(typical.evaluation * count, typical.lease));
}

}  // namespace polystep
