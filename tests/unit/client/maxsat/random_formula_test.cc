#include "client/examples/maxsat/random_formula.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/examples/maxsat/dimacs.h"

namespace polystep::maxsat {
namespace {

TEST(RandomFormula_Test, RandomFormula_AnyK_ClausesOfDifferentVariables) {
  for (uint32_t k : {1u, 3u, 5u}) {
    const Formula formula = RandomFormula({.variables = 5, .clauses = 200, .k = k, .seed = 7});
    EXPECT_EQ(formula.variables(), 5u);
    ASSERT_EQ(formula.clauses(), 200u);  // none holds always
    for (size_t c = 0; c < 200; ++c) EXPECT_EQ(formula.clause(c).size(), k);
  }
}

TEST(RandomFormula_Test, RandomFormula_SameSeed_SameBits) {
  const RandomSat options{.variables = 1000, .clauses = 4270, .k = 3, .seed = 2};
  const Formula a = RandomFormula(options), b = RandomFormula(options);
  for (size_t c = 0; c < 4270; ++c) ASSERT_EQ(a.clause(c), b.clause(c));
  // Written down: the instances behind published figures stay what they were.
  const std::vector<uint8_t> values(1000, 1);
  EXPECT_EQ(a.CostOf(values), (Cost{0, 536}));
  RandomSat other = options;
  other.seed = 3;
  EXPECT_NE(RandomFormula(other).CostOf(values), a.CostOf(values));
}

TEST(RandomFormula_Test, RandomDimacs_Parsed_IsTheFormula) {
  const RandomSat options{.variables = 50, .clauses = 210, .k = 3, .seed = 9};
  const Formula formula = RandomFormula(options);
  const auto parsed = ParseDimacs(RandomDimacs(options));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_EQ(parsed->clauses(), formula.clauses());
  for (size_t c = 0; c < formula.clauses(); ++c) EXPECT_EQ(parsed->clause(c), formula.clause(c));
}

}  // namespace
}  // namespace polystep::maxsat
