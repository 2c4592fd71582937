#include "core/method/rate_control.h"

#include <algorithm>
#include <cmath>

#include "core/random/portable_math.h"

namespace polystep {
namespace {

constexpr double kSpeed = 0.02;
constexpr double kAgreement = 0.3;  // that leaves a rate as it is
constexpr double kMostSurprise = 3.0;
constexpr double kLeast = 1.0;
constexpr double kMost = 32.0;

}  // namespace

double RateControl::mean() const {
  double logs = 0.0;
  for (const double factor : factors_) logs += PortableLog(factor);
  return PortableExp(logs / static_cast<double>(factors_.size()));
}

void RateControl::Add(size_t group, const Agreement& agreement) {
  sums_[group].product += agreement.product;
  sums_[group].squares += agreement.squares;
}

void RateControl::EndStep() {
  for (size_t group = 0; group < factors_.size(); ++group) {
    const Agreement sum = sums_[group];
    sums_[group] = {};
    const double z = sum.product / std::sqrt(sum.squares);
    if (!std::isfinite(z)) continue;  // nothing moved, or for the first time
    const double surprise = std::clamp(z - kAgreement, -kMostSurprise, kMostSurprise);
    factors_[group] = std::clamp(factors_[group] * PortableExp(kSpeed * surprise), kLeast, kMost);
  }
}

void RateControl::Save(ByteWriter& writer) const { writer.Doubles(factors_); }

bool RateControl::Restore(ByteReader& reader) {
  const size_t groups = factors_.size();
  factors_ = reader.Doubles();
  return reader.ok() && factors_.size() == groups &&
         std::all_of(factors_.begin(), factors_.end(),
                     [](double factor) { return factor >= kLeast && factor <= kMost; });
}

}  // namespace polystep
