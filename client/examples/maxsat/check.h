// Checks what a MaxSAT solver printed against the file it solved, on its own: it shares no code
// with the solver and keeps no formula, but reads clause after clause and counts.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CHECK_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CHECK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace polystep::maxsat {

struct Checked {
  uint64_t variables = 0;
  uint64_t clauses = 0;
  uint64_t unsatisfied = 0;       // of them
  uint64_t hard_unsatisfied = 0;  // of the unsatisfied
  uint64_t cost = 0;              // weight of the soft ones that are unsatisfied

  double satisfied_percent() const;
};

// INVALID_ARGUMENT, saying what is wrong, unless `output` has one v line of a digit a variable,
// its o lines fall and end in the cost counted, and its s line claims no more than was counted:
// SATISFIABLE without an unsatisfied hard clause. Optimality cannot be checked.
absl::StatusOr<Checked> CheckOutput(absl::string_view dimacs, absl::string_view output);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_CHECK_H_
