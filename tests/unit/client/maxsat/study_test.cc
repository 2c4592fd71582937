#include "client/examples/maxsat/study.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "client/examples/maxsat/dimacs.h"

namespace polystep::maxsat {
namespace {

std::string Of(const char* dimacs) {
  const auto formula = ParseDimacs(dimacs);
  EXPECT_TRUE(formula.ok()) << formula.status();
  return Fingerprint(*formula, 7);
}

TEST(Fingerprint_Test, Fingerprint_DifferentFormulas_Differ) {
  const char* formulas[] = {"p cnf 3 2\n1 2 0\n3 0\n", "p cnf 3 2\n1 0\n2 3 0\n",
                            "p cnf 4 2\n1 2 0\n3 0\n", "p cnf 3 2\n1 -2 0\n3 0\n",
                            "p cnf 3 1\n1 2 0\n",      "2 1 2 0\n1 3 0\n",
                            "h 1 2 0\n1 3 0\n"};
  std::set<std::string> seen;
  for (const char* formula : formulas) {
    EXPECT_EQ(Of(formula).size(), 16u);
    EXPECT_TRUE(seen.insert(Of(formula)).second) << formula;
  }
}

TEST(Fingerprint_Test, Fingerprint_OtherLayoutOfTheSame_IsTheSame) {
  EXPECT_EQ(Of("p cnf 3 2\n1 2 0\n3 0\n"), Of("c x\np cnf 3 2\n2 1 2\n0 3 0\n"));
}

TEST(Fingerprint_Test, Fingerprint_OtherHardWeight_DiffersWhereItMatters) {
  for (const char* dimacs : {"h 1 2 0\n1 3 0\n", "2 1 2 0\n1 3 0\n"}) {
    const auto formula = ParseDimacs(dimacs);
    ASSERT_TRUE(formula.ok()) << formula.status();
    EXPECT_EQ(Fingerprint(*formula, 7) != Fingerprint(*formula, 8), formula->has_hard());
  }
}

}  // namespace
}  // namespace polystep::maxsat
