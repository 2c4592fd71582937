// Reads the DIMACS formats of SAT and MaxSAT: CNF ("p cnf"), WCNF with a header ("p wcnf", whose
// clauses of weight `top` or more are hard) and WCNF of 2022 (no header, hard clauses begin with
// h). Thread-safe as functions.
//
// Lines that begin with c are comments, wherever they are. Clauses may span lines.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_DIMACS_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_DIMACS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

// INVALID_ARGUMENT, naming the line and the token, if it is none of these.
absl::StatusOr<Formula> ParseDimacs(absl::string_view text);

// The same of a file; NOT_FOUND if it cannot be read. Errors begin with the path.
absl::StatusOr<Formula> ReadDimacs(const std::string& path);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_DIMACS_H_
