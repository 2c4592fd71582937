#include "core/method/step_rule.h"

#include <algorithm>
#include <vector>

namespace polystep {

void StepRule::WholeCandidates(int64_t step, uint32_t first, uint32_t count,
                               absl::Span<double> out) const {
  constexpr uint32_t kTogether = 64;
  const size_t size = center().size();
  const size_t width = ChangeWidth();
  std::vector<SearchSpace::Range> ranges(std::min(count, kTogether));
  std::vector<double> values(ranges.size() * width);
  for (uint32_t n = 0; n < count; ++n) {
    const uint32_t place = n % kTogether;
    if (place == 0) {
      const size_t here = std::min<size_t>(ranges.size(), count - n);
      Changes(step, first + n, absl::MakeSpan(ranges.data(), here), absl::MakeSpan(values));
    }
    const absl::Span<double> candidate = out.subspan(n * size, size);
    std::copy(center().begin(), center().end(), candidate.begin());
    std::copy_n(values.begin() + static_cast<int64_t>(place * width), ranges[place].size,
                candidate.begin() + ranges[place].first);
  }
}

}  // namespace polystep
