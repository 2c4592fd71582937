#include "client/examples/maxsat/check.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace polystep::maxsat {
namespace {

// Takes the next part of `text` up to one of `ends`; false if there is none.
bool Take(absl::string_view& text, const char* ends, absl::string_view& part) {
  const size_t first = text.find_first_not_of(ends);
  if (first == absl::string_view::npos) return false;
  text.remove_prefix(first);
  part = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(part.size());
  return true;
}

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

struct Claim {
  std::optional<absl::string_view> status, values;
  std::optional<uint64_t> cost;  // of the last o line
};

absl::StatusOr<Claim> ReadOutput(absl::string_view output) {
  Claim claim;
  absl::string_view line;
  while (Take(output, "\r\n", line)) {
    if (absl::ConsumePrefix(&line, "o ")) {
      uint64_t cost = 0;
      if (!absl::SimpleAtoi(line, &cost)) return Wrong(absl::StrCat("no cost: o ", line));
      if (claim.cost && cost >= *claim.cost) {
        return Wrong(absl::StrCat("o ", cost, " does not improve on o ", *claim.cost));
      }
      claim.cost = cost;
    } else if (absl::ConsumePrefix(&line, "s ")) {
      if (claim.status) return Wrong("there is more than one s line");
      claim.status = line;
    } else if (absl::StartsWith(line, "v")) {
      if (claim.values) return Wrong("there is more than one v line");
      line.remove_prefix(std::min<size_t>(2, line.size()));
      claim.values = line;
    } else if (!absl::StartsWith(line, "c")) {
      return Wrong(absl::StrCat("no line of a solver: ", line.substr(0, 60)));
    }
  }
  if (!claim.status) return Wrong("there is no s line");
  if (!claim.values) return Wrong(absl::StrCat("there is no v line (s ", *claim.status, ")"));
  if (claim.values->find_first_not_of("01") != absl::string_view::npos) {
    return Wrong("the v line has something else than 0 and 1");
  }
  return claim;
}

// Counts clauses as their tokens come by.
class Counter {
 public:
  explicit Counter(absl::string_view values) : values_(values) {}

  absl::Status Line(absl::string_view line);
  absl::StatusOr<Checked> End();

 private:
  enum class Format { kCnf, kWcnf, kBare };

  absl::Status Header(absl::string_view line);
  absl::Status Token(absl::string_view token);
  void EndClause();

  absl::string_view values_;
  Format format_ = Format::kBare;
  uint64_t top_ = std::numeric_limits<uint64_t>::max();
  bool has_header_ = false;
  uint64_t expected_ = 0;  // clauses, by the header
  Checked checked_;
  // Of the clause that is open:
  bool open_ = false;
  bool holds_ = false;
  bool hard_ = false;
  uint64_t weight_ = 1;
  bool ended_ = false;
};

absl::Status Counter::Header(absl::string_view line) {
  absl::string_view word;
  uint64_t clauses = 0;
  Take(line, " \t", word);
  if (!Take(line, " \t", word)) return Wrong("the header is cut off");
  format_ = word == "cnf" ? Format::kCnf : Format::kWcnf;
  if (!Take(line, " \t", word) || !absl::SimpleAtoi(word, &checked_.variables) ||
      !Take(line, " \t", word) || !absl::SimpleAtoi(word, &clauses)) {
    return Wrong("the header has no numbers");
  }
  if (Take(line, " \t", word) && !absl::SimpleAtoi(word, &top_)) return Wrong("no top in header");
  expected_ = clauses;
  has_header_ = true;
  return absl::OkStatus();
}

absl::Status Counter::Line(absl::string_view line) {
  if (ended_ || absl::StartsWith(line, "c")) return absl::OkStatus();
  if (absl::StartsWith(line, "p")) return Header(line);
  absl::string_view token;
  while (!ended_ && Take(line, " \t", token)) {
    if (absl::Status status = Token(token); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Counter::Token(absl::string_view token) {
  if (token == "%" && !open_) {
    ended_ = true;
    return absl::OkStatus();
  }
  if (!open_) {
    open_ = true;
    holds_ = false;
    hard_ = token == "h";
    weight_ = 1;
    if (format_ != Format::kCnf) {
      if (!hard_ && !absl::SimpleAtoi(token, &weight_)) {
        return Wrong(absl::StrCat("no weight: ", token));
      }
      hard_ = hard_ || weight_ >= top_;
      return absl::OkStatus();
    }
  }
  int64_t literal = 0;
  if (!absl::SimpleAtoi(token, &literal)) return Wrong(absl::StrCat("no literal: ", token));
  if (literal == 0) {
    EndClause();
    return absl::OkStatus();
  }
  const auto variable = static_cast<uint64_t>(std::llabs(literal));
  if (!has_header_) checked_.variables = std::max(checked_.variables, variable);
  if (variable > values_.size()) {
    return Wrong(absl::StrCat("the v line has ", values_.size(),
                              " values, the file names variable ", variable));
  }
  if ((values_[variable - 1] == '1') == (literal > 0)) holds_ = true;
  return absl::OkStatus();
}

void Counter::EndClause() {
  open_ = false;
  ++checked_.clauses;
  if (holds_) return;
  ++checked_.unsatisfied;
  if (hard_) {
    ++checked_.hard_unsatisfied;
  } else {
    checked_.cost += weight_;
  }
}

absl::StatusOr<Checked> Counter::End() {
  if (open_) return Wrong("the file ends inside a clause");
  if (has_header_ && expected_ != checked_.clauses) {
    return Wrong(
        absl::StrCat("the file has ", checked_.clauses, " clauses, its header says ", expected_));
  }
  if (values_.size() != checked_.variables) {
    return Wrong(absl::StrCat("the v line has ", values_.size(), " values, the file has ",
                              checked_.variables, " variables"));
  }
  return checked_;
}

}  // namespace

double Checked::satisfied_percent() const {
  if (clauses == 0) return 100.0;
  return 100.0 * static_cast<double>(clauses - unsatisfied) / static_cast<double>(clauses);
}

absl::StatusOr<Checked> CheckOutput(absl::string_view dimacs, absl::string_view output) {
  absl::StatusOr<Claim> claim = ReadOutput(output);
  if (!claim.ok()) return claim.status();
  Counter counter(*claim->values);
  absl::string_view line;
  while (Take(dimacs, "\r\n", line)) {
    if (absl::Status status = counter.Line(line); !status.ok()) return status;
  }
  absl::StatusOr<Checked> checked = counter.End();
  if (!checked.ok()) return checked;
  const bool claims = *claim->status == "SATISFIABLE" || *claim->status == "OPTIMUM FOUND";
  if (!claims && *claim->status != "UNKNOWN") {
    return Wrong(absl::StrCat("s ", *claim->status, " with an assignment"));
  }
  if (claims && checked->hard_unsatisfied > 0) {
    return Wrong(absl::StrCat("s ", *claim->status, ", but ", checked->hard_unsatisfied,
                              " hard clauses do not hold"));
  }
  if (claims && (!claim->cost || *claim->cost != checked->cost)) {
    return Wrong(absl::StrCat("the assignment costs ", checked->cost, ", the last o line says ",
                              claim->cost ? absl::StrCat(*claim->cost) : "nothing"));
  }
  return checked;
}

}  // namespace polystep::maxsat
