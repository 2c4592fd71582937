// polystep-maxsat: MaxSAT through PolyStep Service. See README.md in this folder.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <stop_token>

#include "client/cli/number_limits.h"
#include "client/cli/stop_on_signal.h"
#include "client/examples/maxsat/solve.h"

int main(int argc, char** argv) {
  polystep::maxsat::SolveOptions options;
  CLI::App app("MaxSAT by black-box optimization: prints the lines of a MaxSAT solver.",
               "polystep-maxsat");
  app.add_option("FILE", options.file, "DIMACS CNF or WCNF (with a header, or of 2022)")
      ->required();
  app.add_option("--server", options.server,
                 "HOST:PORT of polystepd (default: a server in this process)");
  app.add_option("--study", options.study.study,
                 "name of the study (default: made of the formula and the seed)");
  app.add_option("--workers", options.workers, "threads that evaluate (default: one a core)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--lease", options.lease,
                 "most evaluations of one lease; fewer where several processes share a study")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--hard-weight", options.hard_weight,
                 "of a hard clause in the loss (default: 16 times the soft weight of a variable)")
      ->check(CLI::Range(uint64_t{1}, polystep::maxsat::Formula::kMaxWeight));
  app.add_option("--seed", options.study.seed, "of the search")->capture_default_str();
  app.add_option("--time-limit", options.time_limit_s, "seconds")
      ->check(polystep::cli::AboveZero())
      ->capture_default_str();
  app.add_option("--max-evaluations", options.study.max_evaluations,
                 "ends after so many, and plans the search for them")
      ->check(polystep::cli::AboveZero());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::stop_token stop = polystep::cli::StopOnSignal(1);
  return polystep::maxsat::Solve(options, std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1, stop);
}
