#include "client/examples/maxsat/dimacs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace polystep::maxsat {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// "1 -2 3" of a clause.
std::string Text(const Formula& formula, size_t c) {
  std::string text;
  for (Literal literal : formula.clause(c)) {
    if (!text.empty()) text += ' ';
    text += (literal & 1) == 1 ? "" : "-";
    text += std::to_string(literal / 2 + 1);
  }
  return text;
}

TEST(Dimacs_Test, ParseDimacs_Cnf_EveryClauseIsSoftAndWeighsOne) {
  const auto formula = ParseDimacs("c made by hand\np cnf 4 2\n1 -2 4 0\n-1 0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_EQ(formula->variables(), 4u);
  ASSERT_EQ(formula->clauses(), 2u);
  EXPECT_EQ(Text(*formula, 0), "1 -2 4");
  EXPECT_EQ(Text(*formula, 1), "-1");
  EXPECT_EQ(formula->weight(0), 1u);
  EXPECT_EQ(formula->soft_weight(), 2u);
  EXPECT_FALSE(formula->has_hard());
}

TEST(Dimacs_Test, ParseDimacs_AnyLayout_SameClauses) {
  // Clauses over several lines, several on one, comments between and within, tabs, CRLF, no newline
  // at the end.
  const auto formula =
      ParseDimacs("c a\r\nc\r\n  p  cnf\t3 3\r\n1\n-2\nc in a clause: 7 0\n3 0 2 0\n\n\n-3\t-1 0");
  ASSERT_TRUE(formula.ok()) << formula.status();
  ASSERT_EQ(formula->clauses(), 3u);
  EXPECT_EQ(Text(*formula, 0), "1 -2 3");
  EXPECT_EQ(Text(*formula, 1), "2");
  EXPECT_EQ(Text(*formula, 2), "-1 -3");
}

TEST(Dimacs_Test, ParseDimacs_SatlibEnd_IsTheEnd) {
  const auto formula = ParseDimacs("p cnf 2 1\n1 2 0\n%\n0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_EQ(formula->clauses(), 1u);
}

TEST(Dimacs_Test, ParseDimacs_RepeatedAndOppositeLiterals_CountOnceAndNever) {
  const auto formula = ParseDimacs("p wcnf 3 4 100\n5 2 2 -3 2 0\n7 1 -1 0\n100 3 -3 0\n4 0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  ASSERT_EQ(formula->clauses(), 2u);
  EXPECT_EQ(formula->tautologies(), 2u);
  EXPECT_EQ(Text(*formula, 0), "2 -3");
  EXPECT_EQ(Text(*formula, 1), "");
  EXPECT_EQ(formula->soft_weight(), 16u);
  EXPECT_FALSE(formula->has_hard());
  EXPECT_EQ(formula->unavoidable(), (Cost{0, 4}));
}

TEST(Dimacs_Test, ParseDimacs_WcnfWithTop_WeightsFromTopOnAreHard) {
  const auto formula = ParseDimacs("p wcnf 2 4 10\n10 1 0\n9 2 0\n11 -2 0\n10 0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  ASSERT_EQ(formula->clauses(), 4u);
  EXPECT_EQ(formula->weight(0), Formula::kHard);
  EXPECT_EQ(formula->weight(1), 9u);
  EXPECT_EQ(formula->weight(2), Formula::kHard);
  EXPECT_EQ(formula->unavoidable(), (Cost{1, 0}));
}

TEST(Dimacs_Test, ParseDimacs_WcnfWithoutTop_NothingIsHard) {
  const auto formula = ParseDimacs("p wcnf 1 1\n1000000 1 0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_EQ(formula->weight(0), 1000000u);
}

TEST(Dimacs_Test, ParseDimacs_WcnfOf2022_HardByH) {
  const auto formula = ParseDimacs("c no header\nh 1 -5 0\n3 2 0\nh 0\n");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_EQ(formula->variables(), 5u);
  ASSERT_EQ(formula->clauses(), 3u);
  EXPECT_EQ(formula->weight(0), Formula::kHard);
  EXPECT_EQ(formula->weight(1), 3u);
  EXPECT_EQ(formula->unavoidable(), (Cost{1, 0}));
}

TEST(Dimacs_Test, ParseDimacs_WeightOfExactlyTheLimit_IsTaken) {
  EXPECT_TRUE(ParseDimacs("9007199254740992 1 0\n").ok());
  EXPECT_FALSE(ParseDimacs("9007199254740993 1 0\n").ok());
  EXPECT_FALSE(ParseDimacs("9007199254740992 1 0\n1 2 0\n").ok());
}

TEST(Dimacs_Test, ParseDimacs_Broken_NamesLineAndToken) {
  const struct {
    const char* text;
    const char* line;
    const char* what;
  } rows[] = {
      {"", "line 1:", "no header"},
      {"c only this", "line 1:", "no header"},
      {"p cnf 3\n", "line 1:", "'p cnf 3' is no header"},
      {"p sat 3 1\n", "line 1:", "is no header"},
      {"p cnf 3 1 5\n1 0\n", "line 1:", "is no header"},
      {"c x\np cnf 3 -1\n", "line 2:", "is no header"},
      {"p wcnf 3 1 top\n", "line 1:", "is no header"},
      {"p cnf 4294967295 0\n", "line 1:", "'4294967295' is above 2147483647 variables"},
      {"p cnf 3 2\n1 0\n\n2 x 0\n", "line 4:", "'x' is no literal"},
      {"p cnf 3 1\n1 2x 0\n", "line 2:", "'2x' is no literal"},
      {"p cnf 3 1\n+1 0\n", "line 2:", "'+1' is no literal"},
      {"p cnf 3 1\n1 -4 0\n", "line 2:", "'-4' names a variable above 3"},
      {"p cnf 3 1\n99999999999999999999 0\n", "line 2:", "is no literal"},
      {"p cnf 3 1\n-9223372036854775808 0\n", "line 2:", "names a variable above 3"},
      {"p cnf 3 1\n1 2\n", "line 3:", "ends inside a clause"},
      {"p cnf 3 2\n1 2 0\n", "line 3:", "after 1 clauses, its header says 2"},
      {"p cnf 3 1\n1 0\n2 0\n", "line 4:", "after 2 clauses, its header says 1"},
      {"p wcnf 3 1 9\nh 1 0\n", "line 2:", "'h' is no weight"},
      {"p wcnf 3 1 9\n0 1 0\n", "line 2:", "'0' is no weight"},
      {"-3 1 0\n", "line 1:", "'-3' is no weight: an integer from 1 on, or h"},
      {"h 1 0\n2.5 1 0\n", "line 2:", "'2.5' is no weight"},
      {"18446744073709551615 1 0\n", "line 1:", "is above a weight of 9007199254740992"},
  };
  for (const auto& row : rows) {
    const auto formula = ParseDimacs(row.text);
    ASSERT_FALSE(formula.ok()) << row.text;
    EXPECT_EQ(formula.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(formula.status().message()),
                AllOf(HasSubstr(row.line), HasSubstr(row.what)))
        << row.text;
  }
}

TEST(Dimacs_Test, ReadDimacs_NoSuchFileOrFolder_NamesIt) {
  const std::string folder = std::filesystem::temp_directory_path();
  for (const std::string& path : {folder, folder + "/no-such-file.cnf"}) {
    const auto formula = ReadDimacs(path);
    EXPECT_TRUE(absl::IsNotFound(formula.status())) << formula.status();
    EXPECT_THAT(std::string(formula.status().message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace polystep::maxsat
