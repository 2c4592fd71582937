// Uniform random k-SAT, the same on every machine. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_EXAMPLES_MAXSAT_RANDOM_FORMULA_H_
#define POLYSTEP_CLIENT_EXAMPLES_MAXSAT_RANDOM_FORMULA_H_

#include <cstdint>
#include <string>

#include "client/examples/maxsat/formula.h"

namespace polystep::maxsat {

struct RandomSat {
  uint32_t variables = 0;  // at least k
  uint64_t clauses = 0;
  uint32_t k = 3;  // literals of a clause, of as many different variables
  uint64_t seed = 1;
};

Formula RandomFormula(const RandomSat& options);

// As a DIMACS CNF file, with a comment on how it was made.
std::string RandomDimacs(const RandomSat& options);

}  // namespace polystep::maxsat

#endif  // POLYSTEP_CLIENT_EXAMPLES_MAXSAT_RANDOM_FORMULA_H_
