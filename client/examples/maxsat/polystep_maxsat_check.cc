// polystep-maxsat-check: verifies what a MaxSAT solver printed, on standard input, against FILE.
// Exit status: 0 it is right, 1 it is not, 2 bad usage.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/str_format.h"
#include "client/examples/maxsat/check.h"

namespace {

std::string ReadAll(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  std::string file;
  double at_least = 0.0;
  CLI::App app("Verifies a MaxSAT solver's output, on standard input.", "polystep-maxsat-check");
  app.add_option("FILE", file, "DIMACS CNF or WCNF")->required()->check(CLI::ExistingFile);
  app.add_option("--at-least", at_least, "percent of the clauses that must hold")
      ->check(CLI::Range(0.0, 100.0));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string dimacs = ReadAll(stream);
  const auto checked = polystep::maxsat::CheckOutput(dimacs, ReadAll(std::cin));
  if (!checked.ok()) {
    std::cout << "wrong: " << checked.status().message() << "\n";
    return 1;
  }
  std::cout << absl::StrFormat(
      "%d variables, %d clauses: %d do not hold (%d hard), cost %d, %.4f %% satisfied\n",
      checked->variables, checked->clauses, checked->unsatisfied, checked->hard_unsatisfied,
      checked->cost, checked->satisfied_percent());
  if (checked->satisfied_percent() >= at_least) return 0;
  std::cout << absl::StrFormat("wrong: less than %g %%\n", at_least);
  return 1;
}
