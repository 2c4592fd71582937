// SIGINT, SIGTERM and SIGHUP as a stop token, for programs that end what they began.
#ifndef POLYSTEP_CLIENT_CLI_STOP_ON_SIGNAL_H_
#define POLYSTEP_CLIENT_CLI_STOP_ON_SIGNAL_H_

#include <stop_token>

namespace polystep::cli {

// The first signal requests the stop, the second one ends the process at once with `exit_status`.
// Once, before any other thread starts: they inherit the blocked signals.
std::stop_token StopOnSignal(int exit_status);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_STOP_ON_SIGNAL_H_
