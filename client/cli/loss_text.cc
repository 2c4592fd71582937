#include "client/cli/loss_text.h"

#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace polystep::cli {
std::optional<PrintedLoss> LossOfLine(std::string_view line) {
  constexpr char kBlanks[] = " \t\r\n\v\f";
  size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return std::nullopt;
  line = line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
  if (line.front() != '{') {
    double loss = 0.0;
    if (!absl::SimpleAtod(absl::string_view(line.data(), line.size()), &loss)) return std::nullopt;
    return PrintedLoss{loss};
  }
  nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  auto loss = object.find("loss");
  if (loss == object.end() || !loss->is_number()) return std::nullopt;
  PrintedLoss printed{loss->get<double>()};
  auto violation = object.find("violation");
  if (violation == object.end()) return printed;
  if (!violation->is_number()) return std::nullopt;
  printed.violation = violation->get<double>();
  if (!(printed.violation >= 0.0 && std::isfinite(printed.violation))) return std::nullopt;
  return printed;
}

std::optional<PrintedLoss> LastLoss(std::string_view output) {
  while (!output.empty()) {
    size_t newline = output.rfind('\n');
    size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    if (std::optional<PrintedLoss> loss = LossOfLine(output.substr(start))) return loss;
    if (newline == std::string_view::npos) break;
    output.remove_suffix(output.size() - newline);
  }
  return std::nullopt;
}

}  // namespace polystep::cli
