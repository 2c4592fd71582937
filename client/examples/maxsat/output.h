// What a solver of the MaxSAT Evaluation prints: c, o, s and v lines. Not thread-safe.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_OUTPUT_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_OUTPUT_H_

#include <cstdint>
#include <optional>
#include <ostream>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

class Output {
 public:
  Output(std::ostream& out, const Formula& formula) : out_(out), formula_(formula) {}

  void Comment(absl::string_view text);
  // An o line, if the cost is the first without an unsatisfied hard clause, or lower than before.
  void Improve(const Cost& cost);
  // The last lines, of an assignment: counts it anew. OPTIMUM FOUND only if nothing is left
  // unsatisfied but empty clauses; without a v line if a hard clause does not hold.
  void Finish(absl::Span<const uint8_t> values);
  // Without an assignment: UNSATISFIABLE if there is an empty hard clause, else UNKNOWN.
  void Finish();

 private:
  std::ostream& out_;
  const Formula& formula_;
  std::optional<int64_t> lowest_;
};

struct ProgressFacts {
  std::optional<Cost> best;
  int64_t evaluations = 0;
  double evaluations_per_s = 0.0;
  double elapsed_s = 0.0;
  double limit_s = 0.0;
};

// "[####----]  50% | 99.012 % satisfied, cost 42190 | 12.3 M evaluations | 3.1 M/s | 0:08 left",
// cut to `width`.
std::string ProgressLine(const Formula& formula, const ProgressFacts& facts, size_t width);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_OUTPUT_H_
