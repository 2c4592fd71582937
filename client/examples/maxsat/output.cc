#include "client/examples/maxsat/output.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace polystep::maxsat {
namespace {

constexpr size_t kBar = 24;

std::string Millions(double count) {
  if (count < 1e5) return absl::StrFormat("%.0f", count);
  return absl::StrFormat("%.1f M", count * 1e-6);
}

}  // namespace

void Output::Comment(absl::string_view text) { out_ << "c " << text << std::endl; }

void Output::Improve(const Cost& cost) {
  if (cost.hard > 0 || (lowest_ && cost.soft >= *lowest_)) return;
  lowest_ = cost.soft;
  out_ << "o " << cost.soft << std::endl;
}

void Output::Finish(absl::Span<const uint8_t> values) {
  const Cost cost = formula_.CostOf(values);
  if (cost.hard > 0) {
    Comment(absl::StrCat(cost.hard, " hard clauses do not hold"));
    return Finish();
  }
  Improve(cost);
  out_ << (cost == formula_.unavoidable() ? "s OPTIMUM FOUND\n" : "s SATISFIABLE\n");
  std::string line = "v ";
  line.reserve(values.size() + 2);
  for (uint8_t value : values) line += value != 0 ? '1' : '0';
  out_ << line << std::endl;
}

void Output::Finish() {
  out_ << (formula_.unavoidable().hard > 0 ? "s UNSATISFIABLE" : "s UNKNOWN") << std::endl;
}

std::string ProgressLine(const Formula& formula, const ProgressFacts& facts, size_t width) {
  const double share = std::clamp(facts.elapsed_s / facts.limit_s, 0.0, 1.0);
  const auto full = static_cast<size_t>(share * static_cast<double>(kBar));
  std::string line = absl::StrCat("[", std::string(full, '#'), std::string(kBar - full, '-'), "] ",
                                  absl::StrFormat("%3.0f%% | ", 100.0 * share));
  if (facts.best && facts.best->hard == 0) {
    const auto whole = static_cast<double>(formula.soft_weight());
    const double lost = static_cast<double>(facts.best->soft);
    absl::StrAppend(&line, absl::StrFormat("%.3f %% satisfied, ", 100.0 * (1.0 - lost / whole)),
                    "cost ", facts.best->soft, " | ");
  } else if (facts.best) {
    absl::StrAppend(&line, facts.best->hard, " hard clauses do not hold | ");
  }
  const auto left = static_cast<int>(std::max(0.0, facts.limit_s - facts.elapsed_s));
  absl::StrAppend(&line, Millions(static_cast<double>(facts.evaluations)), " evaluations | ",
                  Millions(facts.evaluations_per_s), "/s | ",
                  absl::StrFormat("%d:%02d left", left / 60, left % 60));
  if (line.size() > width) line.resize(width);
  return line;
}

}  // namespace polystep::maxsat
