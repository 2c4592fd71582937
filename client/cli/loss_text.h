// The loss in what a simulator printed. Thread-safe as functions.
#ifndef POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_
#define POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_

#include <optional>
#include <string_view>

namespace polystep::cli {

// One line: a number ("1", "-2.5e-3", "nan", "inf", blanks around it), or a JSON object with a
// number "loss". NaN and infinities are losses: the study's policy says what they mean.
std::optional<double> LossOfLine(std::string_view line);

// The last line of `output` that is a loss.
std::optional<double> LastLoss(std::string_view output);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_LOSS_TEXT_H_
