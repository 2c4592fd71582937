#include "client/examples/maxsat/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace polystep::maxsat {
namespace {

using ::testing::HasSubstr;

// 1 and 2 cannot both fail: "00" leaves the first clause, "11" the last two.
constexpr char kCnf[] = "c x\np cnf 2 3\n1 2 0\n-1\n0 -2 0\n";
// Hard: 1 or 2. Soft: not 1 (3), not 2 (4), and one that never holds (5).
constexpr char kWcnf[] = "p wcnf 2 4 100\n100 1 2 0\n3 -1 0\n4 -2 0\n5 0\n";
constexpr char kBare[] = "h 1 2 0\n3 -1 0\n4 -2 0\n5 0\n";

std::string Claim(int cost, const std::string& values) {
  return absl::StrCat("c solver\no 70\no ", cost, "\ns SATISFIABLE\nv ", values, "\n");
}

TEST(CheckOutput_Test, CheckOutput_RightClaims_Counts) {
  const auto cnf = CheckOutput(kCnf, Claim(2, "11"));
  ASSERT_TRUE(cnf.ok()) << cnf.status();
  EXPECT_EQ(cnf->variables, 2u);
  EXPECT_EQ(cnf->clauses, 3u);
  EXPECT_EQ(cnf->unsatisfied, 2u);
  EXPECT_EQ(cnf->cost, 2u);
  EXPECT_NEAR(cnf->satisfied_percent(), 100.0 / 3, 1e-9);
  for (const char* text : {kWcnf, kBare}) {
    const auto weighted = CheckOutput(text, Claim(9, "01"));
    ASSERT_TRUE(weighted.ok()) << weighted.status();
    EXPECT_EQ(weighted->cost, 9u);
    EXPECT_EQ(weighted->hard_unsatisfied, 0u);
  }
}

TEST(CheckOutput_Test, CheckOutput_SatlibEndAndTautology_AreUnderstood) {
  const auto checked = CheckOutput("p cnf 1 2\n1 -1 0\n-1 0\n%\n0\n", "o 1\ns SATISFIABLE\nv 1\n");
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->unsatisfied, 1u);
}

TEST(CheckOutput_Test, CheckOutput_WrongClaims_SaysWhat) {
  const struct {
    const char* file;
    std::string output;
    const char* what;
  } rows[] = {
      {kCnf, Claim(1, "11"), "costs 2, the last o line says 1"},
      {kCnf, "s SATISFIABLE\nv 11\n", "costs 2, the last o line says nothing"},
      {kCnf, Claim(2, "1"), "1 values, the file names variable 2"},
      {kCnf, Claim(2, "110"), "3 values, the file has 2 variables"},
      {kBare, Claim(2, "110"), "3 values, the file has 2 variables"},
      {kCnf, Claim(2, "1x"), "something else than 0 and 1"},
      {kCnf, Claim(2, "11") + "v 11\n", "more than one v line"},
      {kCnf, Claim(2, "11") + "s UNKNOWN\n", "more than one s line"},
      {kCnf, "o 2\nv 11\n", "no s line"},
      {kCnf, "o 2\ns SATISFIABLE\n", "no v line"},
      {kCnf, "o 2\no 2\ns SATISFIABLE\nv 11\n", "o 2 does not improve on o 2"},
      {kCnf, "o two\ns SATISFIABLE\nv 11\n", "no cost"},
      {kCnf, "hello\ns SATISFIABLE\nv 11\n", "no line of a solver: hello"},
      {kCnf, "o 2\ns UNSATISFIABLE\nv 11\n", "s UNSATISFIABLE with an assignment"},
      {kWcnf, Claim(5, "00"), "1 hard clauses do not hold"},
      {kBare, "o 5\ns OPTIMUM FOUND\nv 00\n", "1 hard clauses do not hold"},
      {"p cnf 2 4\n1 2 0\n", Claim(0, "11"), "the file has 1 clauses, its header says 4"},
      {"p cnf 2 1\n1 2\n", Claim(0, "11"), "ends inside a clause"},
  };
  for (const auto& row : rows) {
    const auto checked = CheckOutput(row.file, row.output);
    ASSERT_FALSE(checked.ok()) << row.output;
    EXPECT_THAT(std::string(checked.status().message()), HasSubstr(row.what)) << row.output;
  }
}

}  // namespace
}  // namespace polystep::maxsat
