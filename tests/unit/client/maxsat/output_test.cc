#include "client/examples/maxsat/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "client/examples/maxsat/dimacs.h"

namespace polystep::maxsat {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Output_Test : public ::testing::Test {
 protected:
  // What is printed for a formula by `use`.
  template <class Use>
  std::string Printed(const char* dimacs, Use use) {
    const auto formula = ParseDimacs(dimacs);
    EXPECT_TRUE(formula.ok()) << formula.status();
    std::ostringstream out;
    Output output(out, *formula);
    use(output);
    return out.str();
  }
};

constexpr char kHardAndSoft[] = "h 1 2 0\n3 -1 0\n4 -2 0\n5 0\n";

TEST_F(Output_Test, Improve_OnlyLowerFeasibleCosts_AreLines) {
  EXPECT_EQ(Printed(kHardAndSoft,
                    [](Output& output) {
                      output.Improve({1, 0});
                      output.Improve({0, 12});
                      output.Improve({0, 12});
                      output.Improve({1, 1});
                      output.Improve({0, 9});
                      output.Improve({0, 10});
                    }),
            "o 12\no 9\n");
}

TEST_F(Output_Test, Finish_SomethingLeftUnsatisfied_IsSatisfiable) {
  EXPECT_EQ(Printed(kHardAndSoft,
                    [](Output& output) {
                      output.Improve({0, 12});
                      output.Finish({0, 1});
                    }),
            "o 12\no 9\ns SATISFIABLE\nv 01\n");
}

TEST_F(Output_Test, Finish_OnlyEmptyClausesUnsatisfied_IsOptimum) {
  EXPECT_EQ(Printed("h 1 2 0\n3 -1 0\n5 0\n",
                    [](Output& output) {
                      output.Finish({0, 1});
                    }),
            "o 5\ns OPTIMUM FOUND\nv 01\n");
}

TEST_F(Output_Test, Finish_HardClauseUnsatisfied_IsUnknownWithoutAssignment) {
  EXPECT_EQ(Printed(kHardAndSoft,
                    [](Output& output) {
                      output.Finish({0, 0});
                    }),
            "c 1 hard clauses do not hold\ns UNKNOWN\n");
}

TEST_F(Output_Test, Finish_EmptyHardClause_IsUnsatisfiable) {
  EXPECT_EQ(Printed("h 0\n1 2 0\n", [](Output& output) { output.Finish(); }), "s UNSATISFIABLE\n");
}

TEST_F(Output_Test, ProgressLine_Facts_AreShownAndCut) {
  const auto formula = ParseDimacs("p cnf 1 4\n1 0\n1 0\n1 0\n-1 0\n");
  ASSERT_TRUE(formula.ok());
  ProgressFacts facts{.best = Cost{0, 1},
                      .evaluations = 12'340'000,
                      .evaluations_per_s = 250.0,
                      .elapsed_s = 30.0,
                      .limit_s = 120.0};
  const std::string line = ProgressLine(*formula, facts, 200);
  EXPECT_THAT(line, StartsWith("[######------------------]  25% | "));
  EXPECT_THAT(line, HasSubstr("75.000 % satisfied, cost 1 | 12.3 M evaluations | 250/s"));
  EXPECT_THAT(line, HasSubstr("1:30 left"));
  EXPECT_EQ(ProgressLine(*formula, facts, 20).size(), 20u);
  facts.best = Cost{2, 0};
  EXPECT_THAT(ProgressLine(*formula, facts, 200), HasSubstr("2 hard clauses do not hold"));
}

}  // namespace
}  // namespace polystep::maxsat
