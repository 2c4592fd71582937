// The command line of `polystep`, parsed: what to do and with what.
//
// Global options are taken before and after the verb; everything after "--" is the command.
// Thread-safe as a value.
#ifndef POLYSTEP_CLIENT_CLI_COMMAND_LINE_H_
#define POLYSTEP_CLIENT_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace polystep::cli {

// Exit codes of the program.
enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kUnreachable = 3 };

struct CommandLine {
  std::string verb;  // "worker", "study create", ...
  std::string server = "127.0.0.1:50051";
  bool json = false;

  std::string name;  // of the study, with or without "studies/"
  std::string spec;  // a file
  std::string display_name;
  std::vector<std::string> labels;  // KEY=VALUE
  bool validate_only = false;
  int64_t first_step = 0;
  int64_t limit = 1'000'000;  // rows of a list
  std::string out;            // a file
  bool center = false;

  int slots = 0;                    // 0: one for a worker, one per core for minimize
  std::optional<double> timeout_s;  // of one evaluation
  bool persistent = false;
  std::string on_failure = "infeasible";
  double outage_s = 600;  // how long a worker waits for a server that is away
  std::string data;       // folder of minimize
  std::vector<std::string> command;

  std::string token;
  std::optional<double> loss;
  std::optional<double> violation;
  std::optional<std::string> infeasible;
  std::optional<int64_t> step, index;  // of a token that polystep did not print
  std::string ttl;                     // of a lease: "90", "90s", "2h"
  double wait_s = 10;                  // of ask
};

struct ParsedCommandLine {
  CommandLine line;
  std::optional<int> exit_code;  // set: done already (help, version, or bad usage)
  std::string text;              // what to print then
};

ParsedCommandLine ParseCommandLine(int argc, const char* const* argv);

// "2h", "90s", "1m30s", or a number of seconds. INVALID_ARGUMENT otherwise or if not positive.
absl::StatusOr<absl::Duration> ParseDurationText(const std::string& text);

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_COMMAND_LINE_H_
