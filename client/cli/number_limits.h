// Limits of numbers on a command line, in words: of an open range CLI11 names the largest double.
#ifndef POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_
#define POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace polystep::cli {

inline CLI::Validator AboveZero() {
  const auto check = [](const std::string& text) -> std::string {
    double value = 0.0;
    if (absl::SimpleAtod(text, &value) && value > 0.0) return {};
    return absl::StrCat("must be a number above 0, is '", text, "'");
  };
  return {check, "ABOVE ZERO"};
}

inline CLI::Validator ZeroOrMore() {
  const auto check = [](const std::string& text) -> std::string {
    double value = 0.0;
    if (absl::SimpleAtod(text, &value) && value >= 0.0) return {};
    return absl::StrCat("must be a number from 0 on, is '", text, "'");
  };
  return {check, "ZERO OR MORE"};
}

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_NUMBER_LIMITS_H_
