// polystep-maxsat-generate: a uniform random k-SAT instance as DIMACS CNF, on standard output.
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include "client/cli/number_limits.h"
#include "client/examples/maxsat/random_formula.h"

int main(int argc, char** argv) {
  polystep::maxsat::RandomSat options;
  double ratio = 4.27;
  CLI::App app("A uniform random k-SAT instance, on standard output.", "polystep-maxsat-generate");
  app.add_option("--variables", options.variables, "at least k")
      ->required()
      ->check(CLI::Range(uint32_t{1}, polystep::maxsat::Formula::kMaxVariables));
  auto* clauses = app.add_option("--clauses", options.clauses, "how many");
  app.add_option("--ratio", ratio, "clauses a variable, rounded down")
      ->capture_default_str()
      ->check(polystep::cli::ZeroOrMore())
      ->excludes(clauses);
  app.add_option("--k", options.k, "literals of a clause")
      ->capture_default_str()
      ->check(CLI::Range(1, 255));
  app.add_option("--seed", options.seed, "of the instance")->capture_default_str();
  try {
    app.parse(argc, argv);
    if (options.variables < options.k) throw CLI::ValidationError("--variables", "is below k");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (clauses->count() == 0) {
    options.clauses = static_cast<uint64_t>(std::floor(ratio * options.variables));
  }
  std::cout << polystep::maxsat::RandomDimacs(options) << std::flush;
  return std::cout ? 0 : 1;
}
