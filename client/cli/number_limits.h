// Limits of numbers on a command line, in words: of an open range CLI11 names the largest double.
#ifndef POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_
#define POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace polystep::cli {

// `words` continue "must be a number".
inline CLI::Validator NumberThat(bool (*holds)(double), const char* words, const char* name) {
  const auto check = [holds, words](const std::string& text) -> std::string {
    double value = 0.0;
    if (absl::SimpleAtod(text, &value) && holds(value)) return {};
    return absl::StrCat("must be a number ", words, ", is '", text, "'");
  };
  return {check, name};
}

inline CLI::Validator AboveZero() {
  return NumberThat([](double value) { return value > 0.0; }, "above 0", "ABOVE ZERO");
}
inline CLI::Validator ZeroOrMore() {
  return NumberThat([](double value) { return value >= 0.0; }, "from 0 on", "ZERO OR MORE");
}

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_
