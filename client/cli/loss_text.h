// The loss in what a simulator printed. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_
#define POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_

#include <optional>
#include <string_view>

namespace polystep::cli {

struct PrintedLoss {
  double loss = 0.0;
  double violation = 0.0;  // of constraints

  friend bool operator==(const PrintedLoss&, const PrintedLoss&) = default;
};

// One line: a number ("1", "-2.5e-3", "nan", "inf", blanks around it), or a JSON object with a
// number "loss" and, if it likes, a number "violation" of at least 0. NaN and infinities are
// losses: the study's policy says what they mean.
std::optional<PrintedLoss> LossOfLine(std::string_view line);

// The last line of `output` that is a loss.
std::optional<PrintedLoss> LastLoss(std::string_view output);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_
