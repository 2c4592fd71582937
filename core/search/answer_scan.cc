#include "core/search/answer_scan.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/base/wide.h"

namespace polystep {
namespace {

constexpr size_t kChunk = 1024;
constexpr size_t kWidth = 64;  // minima and sums kept apart; divides kChunk

// Whether all of `kChunk` answers are finite losses, their lowest, and kWidth sums of theirs.
POLYSTEP_WIDE bool ScanChunk(const double* losses, const Outcome* outcomes, double* least,
                             double* sums) {
  uint8_t other = 0;
  for (size_t i = 0; i < kChunk; ++i) {
    other |= static_cast<uint8_t>(outcomes[i]) ^ static_cast<uint8_t>(Outcome::kLoss);
  }
  double low[kWidth];
  double finite[kWidth];
  for (size_t l = 0; l < kWidth; ++l) {
    low[l] = losses[l];
    finite[l] = 1.0;
  }
  for (size_t i = 0; i < kChunk; i += kWidth) {
    for (size_t l = 0; l < kWidth; l += 8) __builtin_prefetch(losses + kChunk + i + l);
    for (size_t l = 0; l < kWidth; ++l) {
      const double loss = losses[i + l];
      low[l] = loss < low[l] ? loss : low[l];
      finite[l] = std::fabs(loss) <= std::numeric_limits<double>::max() ? finite[l] : 0.0;
      sums[l] += loss;
    }
  }
  *least = *std::min_element(low, low + kWidth);
  return other == 0 && *std::min_element(finite, finite + kWidth) == 1.0;
}

}  // namespace

std::optional<PlainAnswers> ScanPlain(absl::Span<const double> losses,
                                      absl::Span<const Outcome> outcomes) {
  if (losses.empty()) return std::nullopt;
  PlainAnswers plain;
  double sums[kWidth] = {};  // of whole chunks; a single one would wait for every addition
  for (size_t first = 0; first < losses.size(); first += kChunk) {
    const size_t end = std::min(losses.size(), first + kChunk);
    double least = -std::numeric_limits<double>::infinity();  // unknown
    const bool whole = end - first == kChunk;
    if (whole && !ScanChunk(&losses[first], &outcomes[first], &least, sums)) return std::nullopt;
    for (size_t i = first; !whole && i < end; ++i) {
      if (outcomes[i] != Outcome::kLoss || !std::isfinite(losses[i])) return std::nullopt;
      plain.sum += losses[i];
    }
    if (!(least < losses[plain.lowest])) continue;
    for (size_t i = first; i < end; ++i) {
      if (losses[i] < losses[plain.lowest]) plain.lowest = static_cast<uint32_t>(i);
    }
  }
  for (const double sum : sums) plain.sum += sum;
  return plain;
}

}  // namespace polystep
