#include "core/method/step_rule.h"

#include <algorithm>
#include <vector>

namespace polystep {

void StepRule::WholeCandidates(int64_t step, uint32_t first, uint32_t count,
                               absl::Span<double> out) const {
  const size_t size = center().size();
  std::vector<double> values(ChangeWidth());
  SearchSpace::Range range{};
  for (uint32_t n = 0; n < count; ++n) {
    Changes(step, first + n, absl::MakeSpan(&range, 1), absl::MakeSpan(values));
    absl::Span<double> candidate = out.subspan(n * size, size);
    std::copy(center().begin(), center().end(), candidate.begin());
    std::copy_n(values.begin(), range.size, candidate.begin() + range.first);
  }
}

}  // namespace polystep
