// The usual step, where every answer is a finite loss, looked at once: millions of answers cost
// what their memory does. Pure.
#ifndef POLYSTEP_CORE_SEARCH_ANSWER_SCAN_H_
#define POLYSTEP_CORE_SEARCH_ANSWER_SCAN_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "core/transport/softmax.h"

namespace polystep {

struct PlainAnswers {
  double sum = 0.0;     // in a fixed order
  uint32_t lowest = 0;  // the first of the lowest
};

// Nothing if there are no answers or any of them is not a finite loss.
std::optional<PlainAnswers> ScanPlain(absl::Span<const double> losses,
                                      absl::Span<const Outcome> outcomes);

}  // namespace polystep

#endif  // POLYSTEP_CORE_SEARCH_ANSWER_SCAN_H_
