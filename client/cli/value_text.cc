#include "client/cli/value_text.h"

#include <charconv>

#include "nlohmann/json.hpp"

namespace polystep::cli {

std::string DoubleText(double value) {
  char buffer[32];
  std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end.ptr);
}

std::string ValueText(const client::Value& value) {
  if (const double* real = std::get_if<double>(&value)) return DoubleText(*real);
  if (const int64_t* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  return std::get<std::string>(value);
}

std::string FillIn(std::string_view text, const std::vector<client::Parameter>& parameters) {
  std::string filled;
  size_t position = 0;
  while (position < text.size()) {
    size_t open = text.find('{', position);
    if (open == std::string_view::npos) break;
    filled.append(text, position, open - position);
    position = open;
    for (const client::Parameter& parameter : parameters) {
      std::string_view rest = text.substr(open + 1);
      if (!rest.starts_with(parameter.name) || rest.size() == parameter.name.size() ||
          rest[parameter.name.size()] != '}') {
        continue;
      }
      filled += ValueText(parameter.value);
      position = open + parameter.name.size() + 2;
      break;
    }
    if (position == open) filled += text[position++];
  }
  if (position < text.size()) filled.append(text, position);
  return filled;
}

std::string ParametersJson(const std::vector<client::Parameter>& parameters) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const client::Parameter& parameter : parameters) {
    std::visit([&](const auto& value) { object[parameter.name] = value; }, parameter.value);
  }
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace polystep::cli
