#include "core/method/rank_weights.h"

#include <algorithm>

#include "core/random/portable_math.h"
#include "core/transport/merit.h"

namespace polystep {
namespace {

// Normalised weights of ranks 0..count-1.
std::vector<double> WeightsOfRanks(double temperature, uint32_t count) {
  std::vector<double> weights(count, 1.0);
  double sum = 0.0;
  const double width = count > 1 ? (count - 1) * temperature : 1.0;
  for (uint32_t rank = 0; rank < count; ++rank) {
    weights[rank] = PortableExp(-static_cast<double>(rank) / width);
    sum += weights[rank];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<uint32_t> AnsweredIndices(absl::Span<const Outcome> outcomes) {
  std::vector<uint32_t> answered;
  for (uint32_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] != Outcome::kMissing) answered.push_back(i);
  }
  return answered;
}

// Missing candidates whose antipode is answered get the mean weight. Scales all weights to a sum of
// 1; returns how many there were.
uint32_t FillHoles(uint32_t vertices, absl::Span<const Outcome> outcomes, RankWeights& ranks) {
  const uint32_t half = vertices / 2;
  uint32_t holes = 0;
  for (uint32_t i = 0; i < outcomes.size(); ++i) {
    const uint32_t antipode = i % vertices < half ? i + half : i - half;
    if (outcomes[i] != Outcome::kMissing || outcomes[antipode] == Outcome::kMissing) continue;
    ranks.weights[i] = 1.0 / ranks.usable;
    ++holes;
  }
  const double total = 1.0 + static_cast<double>(holes) / ranks.usable;
  for (double& weight : ranks.weights) weight /= total;
  return holes;
}

}  // namespace

RankWeights WeighByRank(double temperature, uint32_t vertices, absl::Span<const double> losses,
                        absl::Span<const Outcome> outcomes, absl::Span<const double> violations) {
  RankWeights result;
  result.weights.assign(losses.size(), 0.0);
  std::vector<uint32_t> order = AnsweredIndices(outcomes);
  result.usable = static_cast<uint32_t>(order.size());
  if (order.empty()) return result;

  auto before = [&](uint32_t a, uint32_t b) {
    return MeritOf(a, losses, outcomes, violations) < MeritOf(b, losses, outcomes, violations);
  };
  std::stable_sort(order.begin(), order.end(), before);
  const std::vector<double> by_rank = WeightsOfRanks(temperature, result.usable);
  double square_sum = 0.0;
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    double sum = 0.0;
    for (; last < order.size() && !before(order[first], order[last]); ++last) sum += by_rank[last];
    const double mean = sum / static_cast<double>(last - first);
    for (size_t n = first; n < last; ++n) result.weights[order[n]] = mean;
    square_sum += mean * mean * static_cast<double>(last - first);
    if (last < order.size()) result.flat = false;
    first = last;
  }
  const double holes = FillHoles(vertices, outcomes, result);
  if (!result.flat) {
    // The weights of n ranks have variance v and covariance -v / (n - 1).
    const double n = result.usable;
    const double total = 1.0 + holes / n;
    const double variance = (square_sum - 1.0 / n) / n;
    const double pairs = (n - holes) * n / (n - 1.0);
    result.neutral_second_moment = variance * (pairs + holes) / (total * total);
  }
  return result;
}

double EffectiveMass(double temperature, uint32_t count) {
  double square_sum = 0.0;
  for (double weight : WeightsOfRanks(temperature, count)) square_sum += weight * weight;
  return 1.0 / square_sum;
}

}  // namespace polystep
