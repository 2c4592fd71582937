// Values of candidates as text: for arguments of a command, JSON on its standard input, people.
//
// Doubles are in shortest form that reads back to the same bits ("0.1", "1e+22"), booleans are
// true and false. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_VALUE_TEXT_H_
#define POLYSTEP_CLIENT_CLI_VALUE_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

#include "client/cpp/evaluation.h"

namespace polystep::cli {

std::string DoubleText(double value);
std::string ValueText(const client::Value& value);

// Every `{name}` of a known parameter replaced by its value; other braces stay as they are, so
// that awk programs and JSON need no escapes. What a value puts in is not looked at again.
std::string FillIn(std::string_view text, const std::vector<client::Parameter>& parameters);

// A JSON object of all parameters, on one line.
std::string ParametersJson(const std::vector<client::Parameter>& parameters);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_VALUE_TEXT_H_
