#include "client/examples/maxsat/random_formula.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/random/random_stream.h"

namespace polystep::maxsat {
namespace {

// Calls visit(literals) for every clause, in the order drawn.
template <class Visit>
void ForClauses(const RandomSat& options, Visit visit) {
  RandomStream stream(options.seed, 0, 0, Draw::kInitial);
  std::vector<Literal> literals;
  for (uint64_t c = 0; c < options.clauses; ++c) {
    literals.clear();
    while (literals.size() < options.k) {
      const auto variable = static_cast<uint32_t>(stream.Uniform() * options.variables);
      const auto same = [variable](Literal literal) { return literal / 2 == variable; };
      if (std::any_of(literals.begin(), literals.end(), same)) continue;
      literals.push_back(2 * variable + (stream.NextU32() & 1));
    }
    visit(literals);
  }
}

}  // namespace

Formula RandomFormula(const RandomSat& options) {
  Formula formula(/*weighted=*/false);
  formula.SetVariables(options.variables);
  formula.Reserve(options.clauses, options.clauses * options.k);
  ForClauses(options, [&](std::vector<Literal>& literals) { formula.Add(literals, 1); });
  return formula;
}

std::string RandomDimacs(const RandomSat& options) {
  std::string text = absl::StrCat("c uniform random ", options.k, "-SAT, seed ", options.seed,
                                  "\np cnf ", options.variables, " ", options.clauses, "\n");
  ForClauses(options, [&](const std::vector<Literal>& literals) {
    for (Literal literal : literals) {
      absl::StrAppend(&text, (literal & 1) == 1 ? "" : "-", literal / 2 + 1, " ");
    }
    text += "0\n";
  });
  return text;
}

}  // namespace polystep::maxsat
