#include "client/examples/maxsat/dimacs.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace polystep::maxsat {
namespace {

constexpr size_t kShownToken = 40;  // bytes of one in an error

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Splits the text into tokens, without comments, and knows the line of the last one.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  // Empty at the end.
  absl::string_view Next() {
    Skip();
    const size_t first = at_;
    while (at_ < text_.size() && !IsBlank(text_[at_])) ++at_;
    return text_.substr(first, at_ - first);
  }
  // The first character of the next token; 0 at the end.
  char Peek() {
    Skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  absl::string_view RestOfLine() {
    const size_t first = at_;
    at_ = std::min(text_.find('\n', at_), text_.size());
    return text_.substr(first, at_ - first);
  }
  absl::Status Error(absl::string_view token, absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line_, ": '", token.substr(0, kShownToken), "' ", what));
  }
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", what));
  }

 private:
  void Skip() {
    for (; at_ < text_.size(); ++at_) {
      const bool starts_line = at_ == 0 || text_[at_ - 1] == '\n';
      if (starts_line && text_[at_] == 'c') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size()) return;
      }
      if (!IsBlank(text_[at_])) return;
      if (text_[at_] == '\n') ++line_;
    }
  }

  absl::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

template <class Number>
std::optional<Number> AsNumber(absl::string_view token) {
  Number number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return number;
}

struct Header {
  enum class Format { kCnf, kWcnf, kBare } format = Format::kBare;
  uint32_t variables = Formula::kMaxVariables;
  uint64_t clauses = 0;
  uint64_t top = 0;  // 0: no hard clauses
};

class Parser {
 public:
  explicit Parser(absl::string_view text) : scanner_(text), bytes_(text.size()) {}

  absl::StatusOr<Formula> Parse() {
    if (scanner_.Peek() == 'p') {
      if (absl::Status status = ReadHeader(); !status.ok()) return status;
    }
    Formula formula(header_.format != Header::Format::kCnf);
    // A file that lies about its clauses reserves no more than its bytes could hold.
    formula.Reserve(std::min<uint64_t>(header_.clauses, bytes_ / 2), bytes_ / 8);
    uint64_t clauses = 0;
    for (char next = scanner_.Peek(); next != '\0'; next = scanner_.Peek(), ++clauses) {
      if (next == '%' && header_.format == Header::Format::kCnf) break;  // SATLIB's end
      if (absl::Status status = ReadClause(formula); !status.ok()) return status;
    }
    if (header_.format == Header::Format::kBare) {
      if (clauses == 0) return scanner_.Error("there is no header ('p cnf ...') and no clause");
      formula.SetVariables(named_);
      return formula;
    }
    if (clauses != header_.clauses) {
      return scanner_.Error(absl::StrCat("the file ends after ", clauses,
                                         " clauses, its header says ", header_.clauses));
    }
    formula.SetVariables(header_.variables);
    return formula;
  }

 private:
  absl::Status ReadHeader();
  absl::Status ReadClause(Formula& formula);
  absl::Status ReadWeight();
  absl::Status ReadLiteral(absl::string_view token);

  Scanner scanner_;
  size_t bytes_;
  Header header_;
  uint32_t named_ = 0;  // variables up to the highest that a clause names
  std::vector<Literal> literals_;
  uint64_t weight_ = 1;
};

absl::Status Parser::ReadHeader() {
  const absl::string_view line = scanner_.RestOfLine();
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
  const auto bad = [&] {
    return scanner_.Error(line,
                          "is no header: 'p cnf VARIABLES CLAUSES' or 'p wcnf VARIABLES CLAUSES "
                          "[TOP]'");
  };
  if (words.size() < 4 || words.size() > 5 || words[0] != "p") return bad();
  if (words[1] != "cnf" && words[1] != "wcnf") return bad();
  header_.format = words[1] == "cnf" ? Header::Format::kCnf : Header::Format::kWcnf;
  if (words.size() == 5 && header_.format == Header::Format::kCnf) return bad();
  const auto variables = AsNumber<uint32_t>(words[2]);
  const auto clauses = AsNumber<uint64_t>(words[3]);
  const auto top = words.size() == 5 ? AsNumber<uint64_t>(words[4]) : uint64_t{0};
  if (!variables || !clauses || !top) return bad();
  if (*variables > Formula::kMaxVariables) {
    return scanner_.Error(words[2],
                          absl::StrCat("is above ", Formula::kMaxVariables, " variables"));
  }
  header_.variables = *variables;
  header_.clauses = *clauses;
  header_.top = *top;
  return absl::OkStatus();
}

absl::Status Parser::ReadWeight() {
  const absl::string_view token = scanner_.Next();
  if (token == "h" && header_.format == Header::Format::kBare) {
    weight_ = Formula::kHard;
    return absl::OkStatus();
  }
  const auto weight = AsNumber<uint64_t>(token);
  if (!weight || *weight == 0) {
    return scanner_.Error(token, header_.format == Header::Format::kBare
                                     ? "is no weight: an integer from 1 on, or h"
                                     : "is no weight: an integer from 1 on");
  }
  weight_ = header_.top > 0 && *weight >= header_.top ? Formula::kHard : *weight;
  if (weight_ > Formula::kMaxWeight) {
    return scanner_.Error(token, absl::StrCat("is above a weight of ", Formula::kMaxWeight));
  }
  return absl::OkStatus();
}

absl::Status Parser::ReadLiteral(absl::string_view token) {
  const auto number = AsNumber<int64_t>(token);
  if (!number) return scanner_.Error(token, "is no literal");
  const uint64_t variable =
      *number < 0 ? uint64_t{0} - static_cast<uint64_t>(*number) : static_cast<uint64_t>(*number);
  if (variable > header_.variables) {
    return scanner_.Error(token, absl::StrCat("names a variable above ", header_.variables));
  }
  named_ = std::max(named_, static_cast<uint32_t>(variable));
  literals_.push_back(static_cast<Literal>(2 * (variable - 1) + (*number > 0 ? 1 : 0)));
  return absl::OkStatus();
}

absl::Status Parser::ReadClause(Formula& formula) {
  if (header_.format != Header::Format::kCnf) {
    if (absl::Status status = ReadWeight(); !status.ok()) return status;
  }
  literals_.clear();
  for (absl::string_view token = scanner_.Next(); token != "0"; token = scanner_.Next()) {
    if (token.empty()) return scanner_.Error("the file ends inside a clause, which 0 would end");
    if (absl::Status status = ReadLiteral(token); !status.ok()) return status;
  }
  if (formula.Add(literals_, weight_)) return absl::OkStatus();
  return scanner_.Error(absl::StrCat("there are more than ", Formula::kMaxWeight,
                                     " of weight together, or 2^32 literals"));
}

}  // namespace

absl::StatusOr<Formula> ParseDimacs(absl::string_view text) { return Parser(text).Parse(); }

absl::StatusOr<Formula> ReadDimacs(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::vector<char> piece(size_t{1} << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    text.append(piece.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.eof()) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  absl::StatusOr<Formula> formula = ParseDimacs(text);
  if (formula.ok()) return formula;
  return absl::Status(formula.status().code(),
                      absl::StrCat(path, ": ", formula.status().message()));
}

}  // namespace polystep::maxsat
